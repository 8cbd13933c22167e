from dataclasses import replace

from clipzy_server.domain.style import ColorGrade, StyleShot
from clipzy_server.usecases.style_difference import difference
from tests.samples import style


def test_a_style_does_not_differ_from_itself() -> None:
    found = difference(style(), style())
    assert (found.fields, found.summary) == ((), "The styles are the same.")


def test_numbers_differ_by_their_change_and_lists_by_their_count() -> None:
    other = replace(
        style(),
        motion_intensity=5.0,
        music_genre=None,
        color_grade=replace(style().color_grade, tint=4.0),
        shots=(StyleShot(0, 12480),),
    )
    found = difference(style(), other)
    changes = {field.field: (field.a, field.b, field.change) for field in found.fields}
    assert changes == {
        "color_grade.tint": (0.0, 4.0, 4.0),
        "motion_intensity": (41.5, 5.0, -36.5),
        "music_genre": ("house", None, None),
        "shots.count": (2, 1, -1),
    }
    assert found.summary == "Music house → none, less motion (41.5 → 5), more magenta (0 → 4); 4 fields differ."


def test_one_difference_is_told_in_the_singular() -> None:
    other = replace(style(), color_grade=ColorGrade(temperature=-12.5, saturation=30.0))
    assert difference(style(), other).summary == "Less saturated (33 → 30); 1 field differs."


def test_the_greatest_differences_are_told_first_and_the_rest_counted() -> None:
    graded = ColorGrade(temperature=80.0, tint=1.0, saturation=34.0, contrast=60.0)
    other = replace(style(), color_grade=graded, cut_frequency=style().cut_frequency + 12)
    told, _, count = difference(style(), other).summary.partition("; ")
    assert [words.partition(" (")[0] for words in told.split("), ")] == [
        "Warmer",
        "more contrast",
        "more cuts a minute",
        "more magenta",
    ]
    assert count == f"{len(difference(style(), other).fields)} fields differ."


def test_what_nobody_would_name_is_only_counted() -> None:
    other = replace(style(), extraction_confidence=0.1, source_duration_seconds=99.0)
    assert difference(style(), other).summary == "2 fields differ."


def test_a_tempo_that_is_missing_is_told_as_such() -> None:
    assert difference(style(), replace(style(), tempo_bpm=None)).summary.startswith("Tempo 125 → none; ")
