import pytest

from clipzy_server.analysis.words.find_lines import Area
from clipzy_server.analysis.words.marks import Line
from clipzy_server.analysis.words.overlays import blocks_of, is_laid_over, joined, position_of, words_of
from clipzy_server.analysis.words.read_line import Reading
from clipzy_server.domain.analysis import Shot

SIZE = (1920, 1080)
SHOTS = (Shot(0.0, 5.0, 0, 120), Shot(5.0, 12.0, 120, 288))
LOW = Area(700, 950, 1220, 1000)


def line(words="Good evening", start_s=1.0, end_s=3.0, area=LOW, **more):
    known = {"color": "#ffffff", "apart": True, "on_plain": False, "until_end": False}
    return Line(start_s, end_s, area, Reading(words, 0.95), **{**known, **more})


@pytest.mark.parametrize(
    ("seen", "laid"),
    [
        (line(apart=True), True),
        (line(apart=False), False),
        (line(apart=False, on_plain=True), True),
        (line(apart=False, start_s=4.0, end_s=6.0), True),
        (line(apart=False, start_s=5.1, end_s=12.0), False),
        (line(apart=False, start_s=4.9, end_s=12.0), False),
    ],
    ids=["came on its own", "like the scene", "on plain ground", "outlasts a cut", "one shot long", "begins at a cut"],
)
def test_words_lie_over_the_scene_when_something_tells_so(seen, laid):
    assert is_laid_over(seen, SHOTS) is laid


def test_what_is_lost_and_found_again_is_one_line():
    parts = [line(end_s=2.0), line("Good evenlng", start_s=2.3, end_s=4.0), line("Another", start_s=4.1, end_s=6.0)]
    found = joined(parts)
    assert [(one.reading.words, one.start_s, one.end_s) for one in found] == [
        ("Good evening", 1.0, 4.0),
        ("Another", 4.1, 6.0),
    ]


def test_lines_below_each_other_are_one_overlay():
    upper = line("We must go", area=Area(700, 890, 1200, 935))
    found = words_of([line("now"), upper], SHOTS, SIZE, 1.0)
    (overlay,) = found.overlays
    assert overlay.content == "We must go\nnow"
    assert (overlay.position, overlay.start_ms, overlay.duration_ms) == ("bottom", 1000, 2000)
    assert overlay.size_px == pytest.approx(47, abs=2)


def test_a_name_and_a_role_of_another_size_are_two():
    assert len(blocks_of([line(area=Area(100, 850, 500, 920)), line(area=Area(100, 940, 500, 975))])) == 2


def test_words_that_stay_last_to_the_end():
    (overlay,) = words_of([line(until_end=True)], SHOTS, SIZE, 1.0).overlays
    assert overlay.duration_ms is None


@pytest.mark.parametrize(
    ("later", "are_subtitles"),
    [
        (line("The rain has come", start_s=3.2, end_s=5.0), True),
        (line("Good evening", start_s=8.0, end_s=9.0), False),
        (line("The rain has come", start_s=2.0, end_s=5.0), False),
        (line("The rain has come", start_s=3.2, end_s=5.0, area=Area(700, 100, 1220, 150)), False),
        (line("The rain has come", start_s=3.2, end_s=5.0, area=Area(60, 950, 500, 1000)), False),
        (line("RAIN", start_s=3.2, end_s=5.0, area=Area(700, 880, 1220, 1000)), False),
    ],
    ids=["in turn", "the same again", "at once", "at the top", "at the side", "of another size"],
)
def test_subtitles_are_words_in_turn_low_in_the_middle(later, are_subtitles):
    assert words_of([line(), later], SHOTS, SIZE, 1.0).use_subtitles is are_subtitles


@pytest.mark.parametrize(
    ("middle", "words"),
    [
        ((100, 100), "top-left"),
        ((960, 100), "top"),
        ((960, 540), "center"),
        ((100, 540), "left"),
        ((1900, 1000), "bottom-right"),
    ],
)
def test_positions_are_ninths_of_the_picture(middle, words):
    assert position_of(Area(middle[0] - 10, middle[1] - 10, middle[0] + 10, middle[1] + 10), SIZE) == words


def test_confidence_falls_with_what_was_not_looked_at():
    assert words_of([], SHOTS, SIZE, 1.0).confidence > 0.99
    assert words_of([], SHOTS, SIZE, 0.5).confidence == pytest.approx(0.5, abs=0.01)
    assert words_of([line()], SHOTS, SIZE, 0.8).confidence == pytest.approx(0.95 * 0.8, abs=0.001)
