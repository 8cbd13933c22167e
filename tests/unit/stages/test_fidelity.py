"""Fidelity tells of a dimension only where it was applied and style and output both have something to compare."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
import pytest

from clipzy_server.analysis.colour.measure import measure_colour
from clipzy_server.analysis.colour.thumbs import Thumbs
from clipzy_server.analysis.picture.features import FeatureWriter
from clipzy_server.domain.analysis import SoundAnalysis
from clipzy_server.domain.job import Dimension, Quality
from clipzy_server.domain.plan import CropKey, EditPlan, OutputFormat, Segment
from clipzy_server.domain.style import AspectRatio, AudioStyle, Loudness, StyleDna, Transition
from clipzy_server.domain.video import VideoMetadata
from clipzy_server.stages.fidelity import compare_styles, measure_output

METADATA = VideoMetadata(640, 360, 2.0, 30.0, "h264", 0, "mp4", True, "aac", False, False, 0)
LOUD = Loudness(-14.0, 5.0, -1.0)


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    """Two seconds at 30 Hz of two still textures with a cut between them."""
    folder = tmp_path_factory.mktemp("features")
    shots = np.random.default_rng(2).integers(40, 220, (2, 54, 96)).astype(np.uint8)
    with FeatureWriter(folder) as writer:
        for k in range(60):
            row = {"times": np.float64(k / 30), "thumb_y": shots[k // 30], "sharpness": np.float32(9)}
            row |= {f"thumb_{plane}": np.full((27, 48), 120, np.uint8) for plane in "uv"}
            follows = [0, 0, 0, 0, 60, 0] if k == 30 else [0, 0, 0, 0, 0, 1]
            writer.append(row | {"motion": np.array(follows, np.float32)})
    return folder


@pytest.fixture(scope="module")
def own_style(features):
    colour = measure_colour(Thumbs.open(features))
    return StyleDna(
        colour.grade, AspectRatio.WIDE, 30, AudioStyle(0.5), 30.0, 0.0, 0.0, Transition(),
        datetime(2026, 1, 1, tzinfo=UTC), 2.0, 1.0, look=colour.look, loudness=LOUD,
    )  # fmt: skip


def plan(applied, segments=2):
    key = (CropKey(0.0, 0.0, 0.0, 640.0, 360.0),)
    parts = tuple(Segment(Fraction(k), 30 * k, 30, None, key, None, 0) for k in range(segments))
    return EditPlan(OutputFormat(640, 360, Fraction(30), Quality.LOW), parts, None, applied)


def fidelity_of(style, made_plan, features, loudness):
    sound = SoundAnalysis(has_sound=loudness is not None, loudness=loudness or Loudness())
    return compare_styles(style, measure_output(features, METADATA, sound, style), made_plan)


def test_an_output_like_its_style_is_near_in_everything(own_style, features):
    found = fidelity_of(own_style, plan(tuple(Dimension)), features, LOUD)
    assert list(found) == [dimension.value for dimension in Dimension]
    assert {name: one for name, one in found.items() if one.nearness < 0.99} == {}


@pytest.mark.parametrize("applied", [(), (Dimension.FRAMING,), (Dimension.COLOR, Dimension.AUDIO)])
def test_only_what_was_applied_is_told(own_style, features, applied):
    found = fidelity_of(own_style, plan(applied), features, LOUD)
    assert set(found) == {dimension.value for dimension in applied}


@pytest.mark.parametrize(("wanted", "made"), [(Loudness(), LOUD), (LOUD, None), (LOUD, Loudness())])
def test_sound_counts_only_where_both_have_some(own_style, features, wanted, made):
    style = replace(own_style, loudness=wanted)
    assert "audio" not in fidelity_of(style, plan(tuple(Dimension)), features, made)


def test_what_the_style_does_not_say_is_left_out(own_style, features):
    style = replace(own_style, look=None, cut_frequency=0.0)
    found = fidelity_of(style, plan(tuple(Dimension), segments=1), features, LOUD)
    assert not {"color", "cuts", "transitions"} & set(found)


def test_differences_lower_the_nearness(own_style, features):
    grade = replace(own_style.color_grade, temperature=own_style.color_grade.temperature + 60)
    other = replace(
        own_style, color_grade=grade, frame_rate=24, cut_frequency=60.0, loudness=replace(LOUD, integrated_lufs=-20.0)
    )
    found = fidelity_of(other, plan(tuple(Dimension)), features, LOUD)
    assert found["color"].nearness == pytest.approx(0.8, abs=0.01)
    assert found["frame_rate"].nearness == 0
    assert found["audio"].nearness == pytest.approx(0.5)
    assert found["cuts"].nearness < 0.8
