"""Which of the gradual joins that were found stands."""

from clipzy_server.analysis.picture.gradual import Candidate, Gradual, best_apart
from clipzy_server.domain.analysis import Join
from clipzy_server.domain.style import Easing, TransitionType


def candidate(first, last, confidence, explained, kind=TransitionType.WIPE):
    join = Join(kind, first / 25, (last - first) / 25, Easing.LINEAR, confidence)
    return Candidate(Gradual(first, last, join), explained)


def chosen(*candidates):
    return [(gradual.first, gradual.last) for gradual in best_apart(list(candidates))]


def test_of_two_that_overlap_the_one_that_explains_more_stands():
    assert chosen(candidate(10, 20, 0.6, 100), candidate(15, 40, 0.6, 300)) == [(15, 40)]
    assert chosen(candidate(30, 40, 0.6, 100), candidate(10, 20, 0.6, 300)) == [(10, 20), (30, 40)]


def test_two_sure_ones_are_not_lost_to_a_doubtful_one_over_both():
    assert chosen(candidate(26, 47, 0.98, 100), candidate(39, 89, 0.6, 900), candidate(82, 103, 0.98, 100)) == [
        (26, 47),
        (82, 103),
    ]


def test_a_piece_of_a_whole_does_not_count():
    assert chosen(candidate(10, 20, 0.9, 100), candidate(10, 40, 0.7, 130)) == [(10, 40)]
    assert chosen(candidate(10, 20, 0.9, 100, TransitionType.DISSOLVE), candidate(10, 40, 0.7, 130)) == [(10, 20)]
