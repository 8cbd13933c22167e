"""Stills are the frames on display at their moments, as bright and coloured as a viewer sees them."""

from fractions import Fraction

import numpy as np
import pytest

from clipzy_server.media.colour_coding import Matrix, Signal, linear_step
from clipzy_server.media.frames import Frame, decode
from clipzy_server.media.stills import STILL_PX, Stills, evenly, read_stills, still_at, still_of
from tests.unit.media.clips import write_video

RATE = 10


def frame(number, size=(36, 64), chroma=(128, 128), step=None):
    """Grey of ten codes a frame."""
    height, width = size
    small = ((height + 1) // 2, (width + 1) // 2)
    y = np.full(size, 30 + 10 * number, np.uint8)
    return Frame(
        Fraction(number, RATE), y, np.full(small, chroma[0], np.uint8), np.full(small, chroma[1], np.uint8), step
    )


def numbers(pictures):
    """Which frames of `frame` these are."""
    greys = [float(np.asarray(picture).mean()) for picture in pictures]
    return [round((16 + grey / 255 * 219 - 30) / 10) for grey in greys]


def test_the_frame_on_display_is_kept():
    stills = Stills([Fraction(0), Fraction(19, 100), Fraction(2, 10), Fraction(99)])
    assert len(list(stills.watching(frame(n) for n in range(6)))) == 6
    assert numbers(stills.pictures()) == [0, 1, 2, 5]


def test_a_reader_who_stops_leaves_the_last_frame_on_display():
    stills = Stills([Fraction(5, 10)])
    frames = stills.watching(frame(n) for n in range(9))
    for _ in range(4):
        next(frames)
    frames.close()
    assert numbers(stills.pictures()) == [3]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_parts_that_are_read_apart_give_the_same_stills(order):
    stills = Stills([Fraction(1, 10), Fraction(35, 100), Fraction(7, 10)])
    parts = [range(5), range(4, 9)]
    for part in order:
        list(stills.watching(frame(n) for n in parts[part]))
    assert numbers(stills.pictures()) == [1, 3, 7]


def test_a_broken_beginning_shows_the_first_frame_there_is():
    stills = Stills([Fraction(0), Fraction(1, 10), Fraction(5, 10)])
    list(stills.watching(frame(n) for n in range(3, 8)))
    assert numbers(stills.pictures()) == [3, 3, 5]


def test_no_still_without_a_frame():
    with pytest.raises(KeyError):
        Stills([Fraction(0)]).pictures()


@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080), (35, 63), (1, 1)])
def test_a_still_is_small_and_keeps_its_shape(size):
    width, height = still_of(frame(3, size)).size
    assert max(width, height) == min(STILL_PX, *[max(size)])
    assert width / height == pytest.approx(size[1] / size[0], rel=0.01)


def test_samples_as_coded_are_shown_in_their_own_colours():
    signal = Signal(Matrix.BT601, full_range=True)
    red = frame(5, chroma=(100, 200), step=linear_step(signal))
    y, v, u = 80 / 255, 72 / 255, -28 / 255
    wanted = [y + 1.402 * v, y - 0.344136 * u - 0.714136 * v, y + 1.772 * u]
    assert np.asarray(still_of(red)).mean(axis=(0, 1)) / 255 == pytest.approx(wanted, abs=0.01)


def test_saved_stills_come_back_with_their_times(tmp_path):
    stills = Stills(evenly(Fraction(12), 6))
    list(stills.watching(frame(10 * n, (4, 4)) for n in range(2)))
    stills.save(tmp_path / "stills")
    times_s, pictures = read_stills(tmp_path / "stills")
    assert times_s == [1, 3, 5, 7, 9, 11]
    assert numbers(pictures) == [10] * 6


def test_seeking_finds_the_same_frame_as_watching(tmp_path):
    pictures = [np.full((36, 64, 3), 40 + 6 * n, np.uint8) for n in range(20)]
    path = write_video(tmp_path / "clip.mp4", pictures, rate=RATE)
    times_s = evenly(Fraction(2), 6)
    stills = Stills(times_s)
    list(stills.watching(decode(path)))
    for time_s, watched in zip(times_s, stills.pictures(), strict=True):
        assert np.array_equal(np.asarray(still_at(path, time_s)), np.asarray(watched))


def test_only_the_frames_on_display_become_pictures(monkeypatch):
    made = []
    monkeypatch.setattr("clipzy_server.media.stills.still_of", lambda shown: made.append(shown.time_s))
    list(Stills([Fraction(7, 10), Fraction(15, 100)]).watching(frame(n) for n in range(9)))
    assert made == [Fraction(1, 10), Fraction(7, 10)]
