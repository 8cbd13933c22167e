from dataclasses import replace

from clipzy_server.domain.style import ColorGrade, StyleShot
from clipzy_server.usecases.styles import difference
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
    assert found.summary.startswith("4 fields differ: color_grade.tint 0 → 4 (+4), motion_intensity 41.5 → 5 (-36.5)")


def test_one_difference_is_told_in_the_singular() -> None:
    other = replace(style(), color_grade=ColorGrade(temperature=-12.5, saturation=30.0))
    assert difference(style(), other).summary == "1 field differs: color_grade.saturation 33 → 30 (-3)."
