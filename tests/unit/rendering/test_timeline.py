"""OTIO and EDL say exactly what the plan does."""

import re
from dataclasses import asdict
from fractions import Fraction

import opentimelineio as otio
import pytest

from clipzy_server.domain.job import Quality
from clipzy_server.domain.plan import CropKey, EditPlan, OutputFormat, PlannedTransition, Segment, SoundPlan
from clipzy_server.domain.style import Easing, TransitionType
from clipzy_server.rendering.otio_timeline import write_otio
from clipzy_server.rendering.timeline import clips, edl_text

FULL = (CropKey(0, 0, 0, 64, 36),)
SOUND = SoundPlan(None, -1.0, None, 0.0, enhance_speech=False)


def plan(sound=SOUND):
    dissolve = PlannedTransition(TransitionType.DISSOLVE, 10, Easing.LINEAR)
    segments = (
        Segment(Fraction(0), 0, 60, None, FULL, None, None),
        Segment(Fraction(4), 60, 45, None, FULL, None, None),
        Segment(Fraction(8), 95, 60, dissolve, FULL, None, None),
    )
    return EditPlan(OutputFormat(64, 36, Fraction(30), Quality.LOW), segments, sound, ())


def test_clips_abut_at_the_middles_of_their_joins():
    parts = clips(plan())
    assert [(part.first_frame, part.end_frame) for part in parts] == [(0, 60), (60, 100), (100, 155)]
    assert parts[2].source_s == Fraction(8) + Fraction(5, 30)


def test_otio_has_the_clips_ranges_and_transitions(tmp_path):
    write_otio(plan(), "footage", 12.0, tmp_path / "timeline.otio")
    timeline = otio.adapters.read_from_file(str(tmp_path / "timeline.otio"))
    video, audio = timeline.tracks
    assert (video.kind, audio.kind) == ("Video", "Audio")
    shots = [item for item in video if isinstance(item, otio.schema.Clip)]
    assert [shot.source_range.duration.value for shot in shots] == [60, 40, 55]
    assert [shot.source_range.start_time.to_seconds() for shot in shots] == pytest.approx([0, 4, 8 + 5 / 30])
    crops = [[dict(key) for key in shot.metadata["clipzy"]["crop"]] for shot in shots]
    assert crops == [[asdict(FULL[0])]] * 3
    assert not any("crop" in item.metadata.get("clipzy", {}) for item in audio)
    (transition,) = [item for item in video if isinstance(item, otio.schema.Transition)]
    assert transition.transition_type == "SMPTE_Dissolve"
    assert (transition.in_offset.value, transition.out_offset.value) == (5, 5)
    assert timeline.duration().to_seconds() == pytest.approx(155 / 30)


def test_without_sound_there_is_one_track(tmp_path):
    write_otio(plan(None), "footage", 12.0, tmp_path / "timeline.otio")
    assert len(otio.adapters.read_from_file(str(tmp_path / "timeline.otio")).tracks) == 1


def test_edl_is_cmx_3600_from_one_o_clock():
    lines = edl_text(plan(), "footage").splitlines()
    assert lines[0] == "TITLE: CLIPZY"
    code = r"(\d\d:\d\d:\d\d:\d\d)"
    events = [
        found.groups()
        for line in lines
        if (found := re.match(rf"(\d{{3}})  AX       B     (C|D    \d{{3}}) +{code} {code} {code} {code}$", line))
    ]
    assert events == [
        ("001", "C", "00:00:00:00", "00:00:02:00", "01:00:00:00", "01:00:02:00"),
        ("002", "C", "00:00:04:00", "00:00:05:05", "01:00:02:00", "01:00:03:05"),
        ("003", "C", "00:00:05:05", "00:00:05:05", "01:00:03:05", "01:00:03:05"),
        ("003", "D    010", "00:00:08:00", "00:00:10:00", "01:00:03:05", "01:00:05:05"),
    ]
