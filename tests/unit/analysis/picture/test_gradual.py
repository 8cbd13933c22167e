"""Which of the gradual joins that were found stands, and what is looked at."""

from fractions import Fraction

import numpy as np
import pytest

from clipzy_server.analysis.picture import gradual
from clipzy_server.analysis.picture.accepted import Candidate, Gradual
from clipzy_server.analysis.picture.feature_pass import measure_features
from clipzy_server.analysis.picture.gradual import REACHES_S, best_apart, look_around
from clipzy_server.domain.analysis import Join
from clipzy_server.domain.style import Easing, TransitionType
from clipzy_server.media.frames import Frame
from tests.unit.media.clips import scene


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


@pytest.fixture
def reads(monkeypatch):
    """The windows that are read."""
    windows = []

    def counted(features, window, *rest):
        windows.append(window)
        return read_window(features, window, *rest)

    read_window = gradual.read_window
    monkeypatch.setattr(gradual, "read_window", counted)
    return windows


def mixed(shares, folder):
    """Features of one scene over which another one comes, to these shares."""
    old, new = (16 + scene(seed)[..., 1] * 219.0 / 255 for seed in (1, 2))
    rng, grey = np.random.default_rng(7), np.full((45, 80), 128, np.uint8)
    noise = rng.normal(0, 1.5, (len(shares), *old.shape))
    pictures = [old + share * (new - old) + grain for share, grain in zip(shares, noise, strict=True)]
    frames = [Frame(Fraction(n, 25), np.clip(p, 0, 255).astype(np.uint8), grey, grey) for n, p in enumerate(pictures)]
    return measure_features(frames, folder, len(frames) / 25, lambda _: None)


def test_what_changes_too_little_for_a_join_is_not_looked_at_again(tmp_path, reads):
    features = mixed([0.0] * 30 + [0.5 * n / 20 for n in range(20)] + [0.5] * 30, tmp_path)
    first = look_around(features, 40, [], [])
    assert not first.found
    assert first.alike
    needed = len(reads)
    reads.clear()
    assert not look_around(features, 40, [], first.alike).found
    assert len(reads) <= len(REACHES_S) < needed


def test_a_join_inside_a_stretch_that_changes_wholly_is_found(tmp_path):
    features = mixed([0.0] * 30 + [n / 20 for n in range(20)] + [1.0] * 30, tmp_path)
    (found,) = look_around(features, 40, [], [(20, 60)]).found
    assert found.gradual.join.type is TransitionType.DISSOLVE
    assert abs(found.gradual.first - 30) <= 1
    assert abs(found.gradual.last - 50) <= 1
