import pytest

from clipzy_server.rendering.inspection.drawing import DARK, LIGHT, Box, Drawing, Type, shortened


def test_words_are_escaped_wherever_they_stand():
    drawing = Drawing(100)
    drawing.text((0, 10), "<b> & c", Type())
    drawing.rect(Box(0, 0, 5, 5), "ink", title='a "<title>"')
    svg = drawing.svg(50, "label <x>")
    assert "<b>" not in svg
    assert "&lt;b&gt; &amp; c" in svg
    assert "a &quot;&lt;title&gt;&quot;" in svg
    assert 'aria-label="label &lt;x&gt;"' in svg


@pytest.mark.parametrize(("room_px", "shown"), [(1000, "a long sentence"), (47, "a long se…"), (9.5, "a…"), (4, "")])
def test_what_does_not_fit_is_cut_short(room_px, shown):
    assert shortened("a long sentence", room_px, 10) == shown


def test_both_themes_have_the_same_colours():
    assert DARK.keys() == LIGHT.keys()
