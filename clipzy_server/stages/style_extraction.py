"""Stage 4: one Style DNA out of everything that was measured of a video."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from clipzy_server.analysis.colour.measure import ColourMeasure
from clipzy_server.domain.analysis import Join, MotionAnalysis, PictureAnalysis, Shot, SoundAnalysis
from clipzy_server.domain.codec import from_plain, to_json, to_plain
from clipzy_server.domain.style import (
    AudioStyle,
    Camera,
    ShotTransition,
    StyleDna,
    StyleShot,
    Transition,
    TransitionType,
)

Report = Callable[[float], None]
Confidences = dict[str, float | None]

FRAME_RATES = (24, 30, 60)
STYLE_FILE = "style.json"

# What each field weighs in the extraction confidence; a group of fields shares its weight.
_WEIGHTS = {
    "color_grade": 3.0,
    "audio_style": 2.0,
    "cut_frequency": 2.0,
    "primary_transition": 1.5,
    "motion_intensity": 1.5,
    "zoom_usage": 1.0,
    "tempo_bpm": 1.0,
    "music_genre": 0.5,
    "detected_beats": 0.5,
    "aspect_ratio": 0.5,
    "frame_rate": 0.5,
}
_LENGTH_S = 2.0
_PACE_DEVIATIONS = 3.0
_NO_JOIN = 0.25
_UNKNOWN = 0.5


@dataclass(frozen=True, slots=True)
class Inputs:
    """The analyses of the video whose style is wanted."""

    picture: PictureAnalysis
    sound: SoundAnalysis
    motion: MotionAnalysis
    colour: ColourMeasure
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Outputs:
    """The style, as it also stands in `style.json`."""

    style: StyleDna


def run(inputs: Inputs, folder: Path, report: Report) -> Outputs:
    """Joins all analyses and writes `style.json` into `folder`."""
    style = extract_style(inputs)
    (folder / STYLE_FILE).write_bytes(to_json(style))
    report(1.0)
    return Outputs(style)


def task(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """The stage as the sandbox calls it: {"inputs", "folder"} in, plain `Outputs` out."""
    inputs = from_plain(Inputs, payload["inputs"])
    plain: dict[str, Any] = to_plain(run(inputs, Path(payload["folder"]), report))
    return plain


def extract_style(inputs: Inputs) -> StyleDna:
    """The Style DNA; equal inputs give an equal one."""
    picture, sound, motion, colour = inputs.picture, inputs.sound, inputs.motion, inputs.colour
    joins = [shot.join for shot in picture.shots[1:] if shot.join is not None]
    primary, secondary = transitions_of(joins)
    confidence = field_confidences(inputs, joins)
    return StyleDna(
        color_grade=colour.grade,
        aspect_ratio=picture.aspect_ratio,
        frame_rate=nearest_frame_rate(picture.frame_rate),
        audio_style=sound.style if sound.has_sound else AudioStyle(),
        cut_frequency=round(picture.cut_frequency, 3),
        motion_intensity=round(motion.intensity, 3),
        zoom_usage=round(motion.zoom_usage, 3),
        primary_transition=primary,
        created_at=inputs.created_at,
        source_duration_seconds=round(picture.duration_s, 3),
        extraction_confidence=extraction_confidence(confidence, picture.duration_s),
        secondary_transition=secondary,
        use_subtitles=picture.use_subtitles,
        text_overlays=picture.text_overlays,
        detected_beats=sound.beats,
        tempo_bpm=sound.tempo_bpm,
        music_genre=sound.music_genre,
        field_confidence=confidence,
        shots=tuple(_style_shot(shot) for shot in picture.shots),
        camera=Camera(**{name: round(share, 4) for name, share in asdict(motion.camera).items()}),
        palette=colour.palette,
        loudness=sound.loudness,
        look=colour.look,
    )


def nearest_frame_rate(measured: float) -> int:
    """24, 30 or 60: nearest in ratio. Raises ValueError when the rate is not positive."""
    return min(FRAME_RATES, key=lambda rate: abs(math.log(measured / rate)))


def transitions_of(joins: Sequence[Join]) -> tuple[Transition, Transition | None]:
    """The most frequent kind of join and the next, of equally frequent ones the first seen.

    Each has the median duration and the most frequent easing of its kind. Without any join: a cut, and None.
    """
    if not joins:
        return Transition(), None
    kinds = [_transition(kind, joins) for kind, _ in Counter(join.type for join in joins).most_common(2)]
    return kinds[0], kinds[1] if len(kinds) > 1 else None


def _transition(kind: TransitionType, joins: Sequence[Join]) -> Transition:
    if kind is TransitionType.CUT:
        return Transition()
    own = [join for join in joins if join.type is kind]
    easing = Counter(join.easing for join in own).most_common(1)[0][0]
    return Transition(kind, round(1000 * median(join.duration_s for join in own)), easing)


def field_confidences(inputs: Inputs, joins: Sequence[Join]) -> Confidences:
    """Confidence 0…1 per dotted field name, None where the field is null and nothing could be measured."""
    picture, sound = inputs.picture, inputs.sound
    found: Confidences = {f"color_grade.{name}": value for name, value in inputs.colour.confidence.items()}
    found |= {f"audio_style.{name}": 0.0 for name in AudioStyle.__dataclass_fields__}
    found |= dict.fromkeys(("tempo_bpm", "music_genre", "detected_beats"), None)
    found |= {"aspect_ratio": _UNKNOWN, "cut_frequency": _UNKNOWN, "motion_intensity": _UNKNOWN, "zoom_usage": _UNKNOWN}
    found["frame_rate"] = round(_rate_confidence(picture.frame_rate), 3)
    found["primary_transition"] = round(_join_confidence(joins), 3)
    found |= {**picture.confidence, **inputs.motion.confidence, **sound.confidence}
    pace = found["cut_frequency"]
    if pace is not None:
        found["cut_frequency"] = round(pace * steadiness(picture.shots, picture.duration_s), 3)
    return found


def _rate_confidence(measured: float) -> float:
    """1 at a documented rate, ½ at a quarter octave from it."""
    octaves = abs(math.log2(measured / nearest_frame_rate(measured)))
    return float(0.5 ** (4 * octaves))


def _join_confidence(joins: Sequence[Join]) -> float:
    """Mean confidence of the joins of the primary kind, less where other kinds are as frequent or few were seen."""
    if not joins:
        return _NO_JOIN
    kind, count = Counter(join.type for join in joins).most_common(1)[0]
    own = [join.confidence for join in joins if join.type is kind]
    return sum(own) / count * (0.5 + 0.5 * count / len(joins)) * (count + 0.5) / (count + 1)


def steadiness(shots: Sequence[Shot], duration_s: float) -> float:
    """1 when both halves of the time have as many joins, lower the less chance explains their difference.

    exp(−½ (z / 3)²) with z = (n₁ − n₂) / √(n₁ + n₂), the difference in standard deviations of a Poisson process.
    """
    starts = [shot.start_s for shot in shots[1:]]
    if not starts:
        return 1.0
    first = sum(start < duration_s / 2 for start in starts)
    deviations = (2 * first - len(starts)) / math.sqrt(len(starts))
    return math.exp(-0.5 * (deviations / _PACE_DEVIATIONS) ** 2)


def extraction_confidence(fields: Confidences, duration_s: float) -> float:
    """Weighted mean of the field confidences times d / (d + 2 s) for a video of d seconds; null fields do not count."""
    total = weight = 0.0
    for group, share in _WEIGHTS.items():
        own = [value for name, value in fields.items() if name.split(".")[0] == group and value is not None]
        if own:
            total += share * sum(own) / len(own)
            weight += share
    return round(total / weight * duration_s / (duration_s + _LENGTH_S), 3) if weight else 0.0


def _style_shot(shot: Shot) -> StyleShot:
    join = shot.join
    transition = (
        None
        if join is None
        else ShotTransition(join.type, _ms(join.start_s), _ms(join.duration_s), join.easing, round(join.confidence, 3))
    )
    return StyleShot(_ms(shot.start_s), _ms(shot.end_s), transition)


def _ms(seconds: float) -> int:
    return round(1000 * seconds)
