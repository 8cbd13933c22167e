"""Footage, styles and plans of them, as analyses would have told of them."""

from datetime import UTC, datetime
from itertools import pairwise

from clipzy_server.domain.analysis import (
    Join,
    MotionAnalysis,
    PictureAnalysis,
    Shot,
    ShotMotion,
    SoundAnalysis,
)
from clipzy_server.domain.job import Dimension, JobConfig
from clipzy_server.domain.style import (
    AspectRatio,
    AudioStyle,
    Beat,
    BeatBand,
    Camera,
    ColorGrade,
    ShotTransition,
    StyleDna,
    StyleShot,
    Transition,
)
from clipzy_server.rendering.footage import FootageAnalysis
from clipzy_server.rendering.plan import Chain, dimensions, make_plan

SILENT = Chain(None, graded=False)
CUTS_ONLY = JobConfig(apply=(Dimension.CUTS,))


def footage(  # noqa: PLR0917
    duration_s=18.0, cuts_s=(), bpm=None, rate=30.0, size=(640, 360), zooms=False, join=None
):
    edges = [0.0, *cuts_s, duration_s]
    shots = tuple(
        Shot(start, end, round(start * rate), round(end * rate), _join(start, join) if start else None)
        for start, end in pairwise(edges)
    )
    aspect = min(AspectRatio, key=lambda one: abs(one.ratio - size[0] / size[1]))
    picture = PictureAnalysis(
        *size, duration_s, round(duration_s * rate), rate, aspect, shots, 60 * len(cuts_s) / duration_s
    )
    beats = () if bpm is None else tuple(beats_of(duration_s, bpm))
    sound = SoundAnalysis(has_sound=bpm is not None, tempo_bpm=bpm, beats=beats)
    motion = MotionAnalysis(0, 0, Camera(), tuple(ShotMotion(0, 0, 0, 0, 0, zooms) for _ in shots))
    return FootageAnalysis(picture, sound, motion)


def _join(at_s, kind):
    kind = kind or Transition()
    length = kind.duration_ms / 1000
    return Join(kind.type, at_s - length / 2, length, kind.easing, 1.0)


def beats_of(duration_s, bpm):
    count = int(duration_s * bpm / 60)
    return [Beat(round(60_000 / bpm * k), 1.0, BeatBand.BASS) for k in range(count + 1)]


def style(cuts_per_minute=30.0, transition=None, zoom_usage=0.0, aspect=AspectRatio.WIDE, rate=30, seconds=16.0):
    every = 60 / cuts_per_minute if cuts_per_minute else None
    joins = [every * (k + 0.5) for k in range(int(seconds / every))] if every else []
    edges = [0.0, *joins, seconds]
    kind = transition or Transition()
    shots = tuple(
        StyleShot(round(a * 1000), round(b * 1000), style_join(kind) if a else None) for a, b in pairwise(edges)
    )
    return StyleDna(
        ColorGrade(), aspect, rate, AudioStyle(), cuts_per_minute, 0.0, zoom_usage, kind,
        datetime(2026, 1, 1, tzinfo=UTC), seconds, 1.0, shots=shots,
    )  # fmt: skip


def style_join(kind):
    return ShotTransition(kind.type, 0, kind.duration_ms, kind.easing, 1.0)


def plan_of(wanted, analysed, config=None, has_style=True):
    config = config or JobConfig()
    return make_plan(wanted, analysed, config, dimensions(config, has_style), SILENT)
