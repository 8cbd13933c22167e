"""Words are the loud stretches of speech, without the pauses between them."""

import numpy as np

from clipzy_server.analysis.sound.words import find_words


def levels(spoken, seconds=8.0):
    made = -70 + np.random.default_rng(1).normal(0, 1.5, round(seconds / 0.02))
    for start_s, end_s in spoken:
        made[round(start_s / 0.02) : round(end_s / 0.02)] += 45
    return made


def windows(seconds=8.0, speech=0.9):
    return np.full(round(seconds / 0.48), speech)


def test_words_lie_between_the_pauses():
    spoken = [(0.5, 1.5), (1.9, 3.1), (3.6, 6.0), (6.5, 7.4)]
    found = [(word.start_s, word.end_s) for word in find_words(levels(spoken), windows())]
    assert np.allclose(found, spoken, atol=0.021)


def test_a_stop_inside_a_word_is_no_pause():
    found = find_words(levels([(0.5, 1.5), (1.58, 2.6), (3.4, 5.0)]), windows())
    assert len(found) == 2


def test_where_nobody_speaks_there_are_no_words():
    assert find_words(levels([(1.0, 3.0)]), windows(speech=0.1)) == ()
    assert find_words(np.zeros(0), np.zeros(0)) == ()


def test_a_speaker_who_comes_nearer_keeps_the_pauses():
    made = levels([(0.5, 2.0), (2.5, 4.0), (4.5, 6.0), (6.5, 7.9)])
    made[200:] += 15
    assert len(find_words(made, windows())) == 4
