"""The plan keeps order and length, cuts at the wanted pace and on beats, and never lets stretches overlap."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clipzy_server.domain.analysis import (
    ActivePicture,
    Join,
    SoundAnalysis,
    Stretch,
)
from clipzy_server.domain.codec import from_json, to_json
from clipzy_server.domain.errors import Invalid
from clipzy_server.domain.job import Dimension, JobConfig
from clipzy_server.domain.plan import EditPlan, SoundPlan
from clipzy_server.domain.style import (
    AspectRatio,
    Easing,
    StyleShot,
    Transition,
    TransitionType,
)
from clipzy_server.rendering.footage import FootageAnalysis, Thumbs
from clipzy_server.rendering.plan import Chain, dimensions, make_plan
from clipzy_server.rendering.timeline import clips
from tests.unit.rendering.planned import CUTS_ONLY, footage, plan_of, style


def check_invariants(plan: EditPlan, analysed: FootageAnalysis, *, overlaps_allowed=False):
    duration_s = Fraction(analysed.picture.duration_s).limit_denominator(90000)
    half_frame_s = 1 / plan.output.frame_rate / 2
    parts = clips(plan)
    assert parts[0].first_frame == 0
    assert parts[-1].end_frame == plan.frame_count
    for before, after in pairwise(parts):
        assert before.end_frame == after.first_frame
        end_s = before.source_s + (before.end_frame - before.first_frame) / plan.output.frame_rate
        assert overlaps_allowed or end_s <= after.source_s + 2 * half_frame_s
        assert before.source_s < after.source_s
    for segment in plan.segments:
        assert segment.frame_count > 0
        assert segment.source_start_s >= 0
        end_s = segment.source_start_s + segment.frame_count / plan.output.frame_rate
        assert end_s <= duration_s + 2 * half_frame_s
    for before, after in pairwise(plan.segments):
        overlap = before.first_frame + before.frame_count - after.first_frame
        assert overlap == (after.transition.frames if after.transition else 0)


def pace(plan):
    return 60 * (len(plan.segments) - 1) / float(plan.duration_s)


def test_without_a_style_everything_is_kept_as_it_is():
    analysed = footage(7.5, cuts_s=(2.5, 5.0), bpm=120.0, rate=25.0)
    plan = plan_of(style(60.0, rate=60, aspect=AspectRatio.TALL), analysed, has_style=False)
    assert (plan.output.width, plan.output.height, plan.output.frame_rate) == (640, 360, 25)
    assert plan.frame_count == round(7.5 * 25)
    assert plan.applied == ()
    assert all(part.source_s == part.first_frame / plan.output.frame_rate for part in clips(plan))
    assert all(segment.lut is None and segment.zoom is None for segment in plan.segments)


def test_footage_that_is_the_template_keeps_its_cuts():
    analysed = footage(7.5, cuts_s=(2.5, 5.0), bpm=120.0)
    wanted = style(16.0, seconds=7.5)
    plan = plan_of(wanted, analysed)
    assert [part.first_frame for part in clips(plan)] == [0, 75, 150]
    assert plan.frame_count == 225


@pytest.mark.parametrize("cuts_per_minute", [30.0, 60.0])
def test_music_is_cut_at_the_templates_pace_on_its_beats(cuts_per_minute):
    analysed = footage(18.0, cuts_s=(6.0, 12.0), bpm=110.0)
    plan = plan_of(style(cuts_per_minute), analysed, CUTS_ONLY)
    check_invariants(plan, analysed)
    wanted = cuts_per_minute * float(plan.duration_s) / 60
    assert abs(len(plan.segments) - 1 - wanted) <= 0.5 + 0.1 * wanted
    assert plan.duration_s >= 6
    beat_s = 60 / 110
    for part in clips(plan)[1:]:
        heard = float(part.first_frame / plan.output.frame_rate)
        assert abs(heard / beat_s - round(heard / beat_s)) * beat_s < 1 / 30
        place = float(part.source_s)
        assert abs(place / beat_s - round(place / beat_s)) * beat_s < 1 / 30


def test_rhythm_of_the_music_goes_on_over_the_joins():
    analysed = footage(60.0, bpm=96.0)
    plan = plan_of(style(24.0), analysed, CUTS_ONLY)
    beat_s = Fraction(60, 96)
    offsets = [part.source_s - part.first_frame / plan.output.frame_rate for part in clips(plan)]
    assert len(offsets) > 5
    for before, after in pairwise(offsets):
        beats = (after - before) / beat_s
        assert abs(beats - round(beats)) * beat_s < Fraction(3, 1000)
        assert round(beats) >= 1


def test_whole_bars_are_dropped_where_enough_stays():
    analysed = footage(120.0, bpm=120.0)
    bars = FootageAnalysis(
        analysed.picture,
        SoundAnalysis(True, tempo_bpm=120.0, beats=analysed.sound.beats, downbeats_s=tuple(2.0 * k for k in range(60))),
        None,
    )
    plan = plan_of(style(15.0), bars, CUTS_ONLY)
    dropped = [
        after.source_s - before.source_s - (before.end_frame - before.first_frame) / plan.output.frame_rate
        for before, after in pairwise(clips(plan))
    ]
    assert dropped
    assert all(abs(gap / 2 - round(gap / 2)) < Fraction(1, 50) for gap in dropped)


def looks(seconds=24.0, *, moving=True, rate=30):
    """Thumbs of noise that drifts, or of a camera that stands before nothing that moves."""
    count = round(seconds * rate)
    ground = np.random.default_rng(5).integers(40, 200, (54, 96 + count), dtype=np.uint8)
    y = np.stack([ground[:, (frame if moving else 0) :][:, :96] for frame in range(count)])
    chroma = [np.full((count, 27, 48), 128, np.uint8) for _ in range(2)]
    return Thumbs(np.arange(count) / rate, y, *chroma, np.zeros((count, 6), np.float32), np.full(count, 10, np.float32))


def test_a_locked_off_camera_is_cut_by_framing():
    analysed = replace(footage(24.0), thumbs=looks(moving=False))
    plan = plan_of(style(30.0), analysed, CUTS_ONLY)
    check_invariants(plan, analysed)
    assert abs(pace(plan) - 30) <= 3
    assert all(part.source_s == part.first_frame / plan.output.frame_rate for part in clips(plan))
    framings = [segment.zoom.start_scale if segment.zoom else 1.0 for segment in plan.segments]
    assert all(a != b for a, b in pairwise(framings))


def test_a_spoilt_stretch_is_what_is_dropped():
    shown = looks()
    shown.sharpness[7 * 30 : 8 * 30 + 15] = 2
    analysed = replace(footage(24.0), thumbs=shown)
    plan = plan_of(style(20.0), analysed, CUTS_ONLY)
    kept = np.zeros(24 * 30, bool)
    for part in clips(plan):
        first = round(part.source_s * 30)
        kept[first : first + part.end_frame - part.first_frame] = True
    assert kept[7 * 30 : 8 * 30 + 15].mean() < 0.4
    assert kept.mean() > 0.7


@pytest.mark.parametrize("spoilt", [False, True])
def test_two_fifths_of_the_footage_stay_however_slow_the_template_cuts(spoilt):
    shown = looks(14.0)
    if spoilt:
        shown.sharpness[::2] = 1
    analysed = replace(footage(14.0, cuts_s=(1.8, 3.9, 5.4, 6.0, 6.7, 10.1)), thumbs=shown)
    plan = plan_of(style(9.7), analysed, CUTS_ONLY)
    check_invariants(plan, analysed)
    assert plan.duration_s >= Fraction(2, 5) * 14


@pytest.mark.parametrize("cuts_per_minute", [20.0, 60.0])
def test_nothing_is_dropped_in_the_middle_of_a_word(cuts_per_minute):
    words = tuple(Stretch(at, at + 1.9) for at in np.arange(0.3, 23.0, 2.3).tolist())
    analysed = footage(24.0)
    analysed = replace(analysed, sound=SoundAnalysis(has_sound=True, words=words), thumbs=looks())
    plan = plan_of(style(cuts_per_minute), analysed, CUTS_ONLY)
    check_invariants(plan, analysed)
    assert abs(pace(plan) - cuts_per_minute) <= 0.1 * cuts_per_minute + 30 / float(plan.duration_s)
    dropped = 0
    for before, after in pairwise(clips(plan)):
        end_s = before.source_s + (before.end_frame - before.first_frame) / plan.output.frame_rate
        if end_s != after.source_s:
            dropped += 1
            for at in (float(end_s), float(after.source_s)):
                assert not any(word.start_s + 0.04 < at < word.end_s - 0.04 for word in words)
    assert dropped or cuts_per_minute > 30


def test_shot_lengths_follow_the_templates_pattern():
    pattern = style(30.0)
    shots = tuple(StyleShot(a, b) for a, b in pairwise((0, 4000, 5000, 6000, 10_000)))
    pattern = type(pattern)(
        **{**_fields(pattern), "shots": shots, "source_duration_seconds": 10.0, "cut_frequency": 18.0}
    )
    plan = plan_of(pattern, footage(40.0), CUTS_ONLY)
    lengths = [part.end_frame - part.first_frame for part in clips(plan)][:3]
    assert lengths == [120, 30, 30]


def _fields(value):
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def test_one_second_of_footage_is_kept_whole():
    analysed = footage(1.0, bpm=110.0)
    plan = plan_of(style(30.0), analysed)
    assert plan.frame_count == 30
    assert len(plan.segments) == 1


def test_a_template_without_cuts_leaves_the_footages_cuts():
    analysed = footage(10.0, cuts_s=(3.0, 7.0))
    plan = plan_of(style(0.0), analysed)
    assert [part.first_frame for part in clips(plan)] == [0, 90, 210]


def test_keep_duration_drops_nothing_and_cuts_by_framing():
    analysed = footage(20.0, bpm=120.0)
    plan = plan_of(style(30.0), analysed, JobConfig(keep_duration=True))
    assert plan.frame_count == 600
    assert abs(pace(plan) - 30) <= 3
    assert all(part.source_s == part.first_frame / plan.output.frame_rate for part in clips(plan))
    framings = [segment.zoom.start_scale if segment.zoom else 1.0 for segment in plan.segments]
    assert all(a != b for a, b in pairwise(framings))


def test_keep_duration_drops_no_transition_of_the_footage_either():
    analysed = footage(20.0, cuts_s=(10.0,), bpm=120.0)
    first, second = analysed.picture.shots
    faded = replace(second, join=Join(TransitionType.FADE, 9.0, 2.0, Easing.LINEAR, 1.0))
    analysed = replace(analysed, picture=replace(analysed.picture, shots=(first, faded)))
    plan = plan_of(style(30.0), analysed, JobConfig(keep_duration=True))
    assert plan.frame_count == 600
    assert all(part.source_s == part.first_frame / plan.output.frame_rate for part in clips(plan))


@pytest.mark.parametrize("kind", [TransitionType.DISSOLVE, TransitionType.FADE, TransitionType.SLIDE])
def test_the_footages_joins_get_the_templates_transition(kind):
    analysed = footage(12.0, cuts_s=(2.4, 4.8, 7.2, 9.6), bpm=120.0)
    wanted = style(24.0, Transition(kind, 600, Easing.EASE_IN))
    plan = plan_of(wanted, analysed, JobConfig(apply=(Dimension.TRANSITIONS,)))
    check_invariants(plan, analysed)
    assert [segment.transition.frames for segment in plan.segments[1:]] == [18] * 4
    assert {segment.transition.type for segment in plan.segments[1:]} == {kind}
    assert 0.7 * 12 <= plan.duration_s <= 12
    for segment in plan.segments:
        end_s = segment.source_start_s + segment.frame_count / plan.output.frame_rate
        assert segment.source_start_s >= segment.scene_start_s - Fraction(1, 60)
        assert end_s <= segment.scene_end_s + Fraction(1, 60)


def test_joins_that_already_are_of_the_templates_kind_stay():
    dissolve = Transition(TransitionType.DISSOLVE, 500, Easing.LINEAR)
    analysed = footage(10.0, cuts_s=(4.0,), join=dissolve)
    plan = plan_of(style(6.0, dissolve, seconds=10.0), analysed)
    assert plan.frame_count == 300
    assert len(plan.segments) == 1


def test_as_many_shots_zoom_as_in_the_template():
    analysed = footage(12.0, cuts_s=(2.4, 4.8, 7.2, 9.6))
    config = JobConfig(apply=(Dimension.ZOOM,))
    assert sum(s.zoom is not None for s in plan_of(style(30, zoom_usage=80), analysed, config).segments) == 4
    assert sum(s.zoom is not None for s in plan_of(style(30, zoom_usage=0), analysed, config).segments) == 0


def test_shots_that_zoom_by_themselves_are_not_zoomed_again():
    analysed = footage(12.0, cuts_s=(4.0, 8.0), zooms=True)
    plan = plan_of(style(30, zoom_usage=100), analysed, JobConfig(apply=(Dimension.ZOOM,)))
    assert all(segment.zoom is None for segment in plan.segments)


@pytest.mark.parametrize(
    ("size", "aspect", "expected"),
    [
        ((640, 360), AspectRatio.TALL, (202, 360)),
        ((640, 360), AspectRatio.SQUARE, (360, 360)),
        ((360, 640), AspectRatio.WIDE, (360, 202)),
        ((640, 360), AspectRatio.WIDE, (640, 360)),
        ((641, 361), AspectRatio.WIDE, (640, 360)),
    ],
)
def test_the_output_is_the_largest_even_window_of_the_aspect(size, aspect, expected):
    plan = plan_of(style(0.0, aspect=aspect), footage(4.0, size=size))
    assert (plan.output.width, plan.output.height) == expected
    for key in plan.segments[0].crop:
        assert key.x >= 0
        assert key.y >= 0
        assert key.x + key.width <= size[0] + 1e-6
        assert key.y + key.height <= size[1] + 1e-6
        assert key.width / key.height == pytest.approx(expected[0] / expected[1])


def test_overrides_win_over_the_style():
    config = JobConfig(frame_rate=60, resolution="320x180")
    plan = plan_of(style(0.0, rate=24), footage(4.0), config)
    assert (plan.output.width, plan.output.height, plan.output.frame_rate) == (320, 180, 60)
    with pytest.raises(Invalid):
        plan_of(style(), footage(), JobConfig(resolution="huge"))


def test_strength_zero_applies_nothing():
    assert dimensions(JobConfig(strength=0.0), has_style=True) == ()


def test_a_rate_that_is_not_applied_stays_the_footages():
    plan = plan_of(style(rate=24), footage(10.0, rate=29.97), JobConfig(apply=()))
    assert plan.output.frame_rate == Fraction(30000, 1001)


@pytest.mark.parametrize(("wanted", "asked", "blends"), [(24, True, True), (30, True, False), (24, False, False)])
def test_frames_are_blended_where_the_rate_changes_and_it_was_asked_for(wanted, asked, blends):
    chain = Chain(None, graded=False, blends_frames=asked)
    plan = make_plan(style(rate=wanted), footage(), JobConfig(), tuple(Dimension), chain)
    assert plan.blends_frames is blends


def test_plans_survive_json():
    chain = Chain(SoundPlan(-16.0, -1.0, None, 0.0, enhance_speech=False), graded=True)
    plan = make_plan(style(), footage(bpm=110.0), JobConfig(), tuple(Dimension), chain)
    assert from_json(EditPlan, to_json(plan)) == plan


@settings(max_examples=60, deadline=None)
@given(
    duration_s=st.floats(0.5, 90),
    cut_shares=st.lists(st.floats(0.02, 0.98), max_size=6),
    bpm=st.one_of(st.none(), st.floats(60, 190)),
    rate=st.sampled_from([23.976, 24.0, 25.0, 29.97, 30.0, 50.0, 60.0, 13.7]),
    pace_hz=st.floats(0, 120),
    wanted_rate=st.sampled_from([24, 30, 60]),
    kind=st.sampled_from(list(TransitionType)),
    length_ms=st.integers(100, 2000),
    keep=st.booleans(),
)
def test_any_plan_keeps_order_and_bounds(  # noqa: PLR0917
    duration_s, cut_shares, bpm, rate, pace_hz, wanted_rate, kind, length_ms, keep
):
    cuts_s = sorted({round(share * duration_s * rate) / rate for share in cut_shares} - {0.0})
    analysed = footage(duration_s, [cut for cut in cuts_s if cut < duration_s - 0.05], bpm, rate)
    transition = Transition(kind, 0 if kind is TransitionType.CUT else length_ms, Easing.LINEAR)
    wanted = style(pace_hz if pace_hz > 4 else 0.0, transition, 50.0, rate=wanted_rate, seconds=30.0)
    plan = plan_of(wanted, analysed, JobConfig(keep_duration=keep))
    check_invariants(plan, analysed, overlaps_allowed=keep)
    if keep:
        assert abs(plan.duration_s - Fraction(duration_s)) <= 1 / plan.output.frame_rate
    assert plan == plan_of(wanted, analysed, JobConfig(keep_duration=keep))


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"aspect_ratio": AspectRatio.SQUARE}, {Dimension.FRAMING}),
        ({"resolution": "640x360"}, {Dimension.FRAMING}),
        ({"frame_rate": 60}, {Dimension.FRAME_RATE}),
        ({"strength": 0.4}, {Dimension.FRAMING, Dimension.FRAME_RATE}),
    ],
)
def test_what_the_caller_says_instead_is_not_applied(settings, missing):
    assert set(Dimension) - set(dimensions(JobConfig(**settings), has_style=True)) == missing


def test_bars_of_the_footage_are_told_where_it_has_some():
    def active_of(box):
        analysed = footage()
        picture = replace(analysed.picture, active=box)
        return plan_of(style(), replace(analysed, picture=picture)).active

    boxed = ActivePicture(0, 45, 640, 270)
    assert active_of(boxed) == boxed
    assert active_of(ActivePicture(0, 0, 640, 360)) is None
    assert active_of(None) is None
