from fractions import Fraction

import av
import numpy as np

from clipzy_server.domain.analysis import ActivePicture
from clipzy_server.domain.job import Quality
from clipzy_server.domain.plan import CropKey, EditPlan, OutputFormat, PlannedTransition, Segment
from clipzy_server.domain.style import Easing, TransitionType
from clipzy_server.media.frames import Frame
from clipzy_server.rendering.grade import identity_cube, prism_of
from clipzy_server.rendering.render import Materials, pictures, render

RATE, CUT, LASTING = Fraction(30), 30, 12
WIDTH, HEIGHT = 128, 72
DARK, BRIGHT = 60, 180


def frames_from(start_s):
    """Dark for two seconds, then bright."""
    grey = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    for number in range(int(start_s * RATE), 120):
        level = DARK if number < 60 else BRIGHT
        yield Frame(number / RATE, np.full((HEIGHT, WIDTH), level, np.uint8), grey, grey)


def test_a_transition_lasts_from_the_old_shot_alone_to_the_new_one_alone_and_is_half_way_at_the_cut(tmp_path):
    key = (CropKey(0.0, 0.0, 0.0, float(WIDTH), float(HEIGHT)),)
    dissolve = PlannedTransition(TransitionType.DISSOLVE, LASTING, Easing.LINEAR)
    first = Segment(Fraction(0), 0, CUT + LASTING // 2, None, key, None, None)
    second = Segment(Fraction(2), CUT - LASTING // 2, CUT + LASTING // 2, dissolve, key, None, None)
    plan = EditPlan(OutputFormat(WIDTH, HEIGHT, RATE, Quality.HIGH), (first, second), None, ())
    render(plan, Materials(frames_from, None, ()), tmp_path / "out.mp4", lambda _done: None)
    with av.open(str(tmp_path / "out.mp4")) as container:
        levels = np.array([frame.to_ndarray()[:HEIGHT].mean() for frame in container.decode(video=0)])
    new = (levels - levels[0]) / (levels[-1] - levels[0])
    expected = np.clip((np.arange(2 * CUT) - (CUT - LASTING // 2)) / LASTING, 0, 1)
    assert np.abs(new - expected).max() < 0.02


def test_the_grade_leaves_bars_as_they_are():
    """A grade that makes everything brighter, and footage with bars of 18 rows above and below."""
    cube = np.clip(identity_cube() * 0.5 + 0.4, 0, 1)
    grey = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    boxed = np.full((HEIGHT, WIDTH), 16, np.uint8)
    boxed[18:54] = DARK
    key = (CropKey(0.0, 0.0, 0.0, float(WIDTH), float(HEIGHT)),)
    segment = Segment(Fraction(0), 0, 2, None, key, None, 0)
    output = OutputFormat(WIDTH, HEIGHT, RATE, Quality.HIGH)
    plan = EditPlan(output, (segment,), None, (), active=ActivePicture(0, 18, WIDTH, 36))
    frames = [Frame(Fraction(number, 30), boxed, grey, grey) for number in range(2)]
    for picture in pictures(plan, frames, [prism_of(cube)]):
        assert (picture.y[:18] == 16).all()
        assert (picture.y[54:] == 16).all()
        assert (picture.y[18:54] > DARK + 40).all()
