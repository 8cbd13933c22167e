import itertools

import numpy as np
import pytest

from clipzy_server.analysis.words.find_lines import Area
from clipzy_server.analysis.words.watch import WordWatch
from tests.unit.analysis.words.drawn import HEIGHT, RATE, WIDTH, frames, scene, with_words

BIG = scene(1, WIDTH * 2, HEIGHT)
LOW = (WIDTH / 2, HEIGHT * 0.85)


def watched(pictures):
    watch = WordWatch()
    shown = list(watch.watching(frames(pictures)))
    assert len(shown) == len(pictures)
    return watch


def pan(count):
    """A camera that moves over a large picture."""
    return [BIG[:, 3 * number : 3 * number + WIDTH] for number in range(count)]


def between(pictures, first, end, words, at=LOW, **look):
    """The pictures with words from frame `first` up to `end`."""
    return [with_words(p, words, at, **look) if first <= n < end else p for n, p in enumerate(pictures)]


def test_words_over_a_moving_picture_are_read_where_and_when_they_are():
    (line,) = watched(between(pan(96), 24, 72, "Where is the river")).lines()
    assert line.reading.words == "Where is the river"
    assert line.apart
    assert (line.start_s, line.end_s) == (pytest.approx(1, abs=0.13), pytest.approx(3, abs=0.13))
    assert line.area.overlap(Area(200, 306, 440, 330)) > 0.8
    assert line.area.height == pytest.approx(22, abs=6)
    assert not line.until_end


def test_words_that_come_over_a_still_picture_are_not_taken_for_a_part_of_it():
    (line,) = watched(between([scene(2)] * 96, 36, 96, "Nobody answers")).lines()
    assert line.reading.words.replace(" ", "") == "Nobodyanswers"
    assert line.apart
    assert line.until_end


def test_a_sign_in_a_still_scene_is_a_part_of_it():
    sign = with_words(scene(3), "GRAND HOTEL", (200, 100))
    (line,) = watched([sign] * 72).lines()
    assert not line.apart
    assert not line.on_plain


def test_a_sign_that_moves_with_the_scene_is_not_found():
    sign = with_words(BIG, "GRAND HOTEL", (500, 100))
    assert watched([sign[:, 3 * n : 3 * n + WIDTH] for n in range(72)]).lines() == []


def test_the_next_words_at_the_same_place_are_others():
    pictures = between(between(pan(120), 12, 54, "Rain has come"), 54, 102, "We must go now")
    lines = watched(pictures).lines()
    assert [line.reading.words for line in lines] == ["Rain has come", "We must go now"]
    assert lines[0].end_s == pytest.approx(54 / RATE, abs=0.26)
    assert lines[1].start_s == pytest.approx(54 / RATE, abs=0.26)


def test_a_card_of_nothing_but_words_is_known_as_one():
    card = with_words(np.full((HEIGHT, WIDTH), 16, np.uint8), "The End", (WIDTH / 2, 150), size_px=60, edge=235)
    (line,) = watched([card] * 48).lines()
    assert (line.reading.words, line.on_plain) == ("The End", True)


@pytest.mark.parametrize("pictures", [pan(72), [scene(4)] * 72, [np.full((HEIGHT, WIDTH), 16, np.uint8)] * 72])
def test_without_words_there_are_none(pictures):
    assert watched(pictures).lines() == []


def test_the_networks_look_at_no_more_than_they_may(monkeypatch):
    looked_px = itertools.count()
    areas = []

    def find(luma, part):
        next(looked_px)
        areas.append(part.width * part.height)
        return []

    monkeypatch.setattr("clipzy_server.analysis.words.watch.find_lines", find)
    pictures = [scene(number // 20) for number in range(RATE * 20)]
    watch = watched(pictures)
    assert sum(areas) < 300_000 + 28_000 * 20
    assert 0 < watch.watched < 1


def test_words_far_apart_are_looked_for_each_in_its_own_place(monkeypatch):
    parts = []
    monkeypatch.setattr("clipzy_server.analysis.words.watch.find_lines", lambda luma, part: parts.append(part) or [])
    left = between(pan(72), 24, 60, "River", at=(90, 40))
    watched(between(left, 24, 60, "Bridge", at=(550, 300)))
    corners = [Area(60, 40, 120, 65), Area(510, 300, 590, 325)]
    assert [any(part.overlap(corner) == 1 for part in parts) for corner in corners] == [True, True]
    assert sum(part.width * part.height for part in parts) < 0.3 * WIDTH * HEIGHT


def test_single_edges_here_and_there_are_no_reason_to_look(monkeypatch):
    parts = []
    monkeypatch.setattr("clipzy_server.analysis.words.watch.find_lines", lambda luma, part: parts.append(part) or [])
    pictures = pan(72)
    for x, y in ((40, 30), (300, 180), (560, 300)):
        pictures = between(pictures, 24, 60, "-", at=(x, y))
    assert watched(pictures).watched == 1
    assert parts == []


@pytest.mark.parametrize("size", [(2, 2), (3, 97), (97, 3)])
def test_tiny_pictures_hold_no_words(size):
    assert watched([np.full(size, 80, np.uint8)] * 30).lines() == []
