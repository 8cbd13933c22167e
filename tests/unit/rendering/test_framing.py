from fractions import Fraction

from clipzy_server.domain.analysis import ActivePicture
from clipzy_server.domain.job import Quality
from clipzy_server.domain.plan import OutputFormat
from clipzy_server.rendering.framing import shown_area
from clipzy_server.rendering.resample import Window

OUTPUT = OutputFormat(640, 360, Fraction(30), Quality.HIGH)
WHOLE = Window(0.0, 0.0, 1280.0, 720.0)


def test_without_bars_all_is_seen():
    assert shown_area(None, WHOLE, OUTPUT) == (slice(0, 360), slice(0, 640))


def test_bars_scale_with_the_picture_to_even_rows():
    assert shown_area(ActivePicture(0, 87, 1280, 546), WHOLE, OUTPUT) == (slice(42, 318), slice(0, 640))


def test_a_window_inside_the_bars_sees_none_of_them():
    inside = Window(320.0, 180.0, 640.0, 360.0)
    assert shown_area(ActivePicture(0, 90, 1280, 540), inside, OUTPUT) == (slice(0, 360), slice(0, 640))


def test_a_window_in_a_bar_sees_nothing_of_the_picture():
    beside = Window(0.0, 0.0, 100.0, 720.0)
    rows, columns = shown_area(ActivePicture(200, 0, 880, 720), beside, OUTPUT)
    assert columns.start == columns.stop
    assert (rows.start, rows.stop) == (0, 360)
