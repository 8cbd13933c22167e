"""No stage of a job: what `clipzy inspect` shows of a video, drawn from the stages' measures and the file itself."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.motion.camera import compose, intensity
from clipzy_server.analysis.picture.features import Features
from clipzy_server.domain.analysis import ActivePicture, PictureAnalysis, SoundAnalysis
from clipzy_server.domain.codec import from_plain
from clipzy_server.domain.inspection import Curve, Inspection, SoundTrace, Thumbnail
from clipzy_server.domain.style import StyleDna
from clipzy_server.domain.video import VideoMetadata
from clipzy_server.media.loudness import LoudnessMeter, Reading
from clipzy_server.media.samples import find_sound, mono, sound_blocks
from clipzy_server.media.stills import evenly, still_at
from clipzy_server.rendering.contact_sheet import tile_of
from clipzy_server.rendering.inspection.page import inspection_html
from clipzy_server.rendering.inspection.picture import picture_png

Report = Callable[[float], None]

# As many values as a curve has room to show.
_STEPS = 1400
# Below this gate a meter has nothing to say.
_SILENCE_LUFS = -70.0
_THUMBNAIL_ROW_ASPECT = 15.0
_MOST_THUMBNAILS = 24
_JPEG_QUALITY = 82


@dataclass(frozen=True, slots=True)
class Inputs:
    """The file, its name for people, and all that was measured of it; `png` and `html` are where to write to."""

    path: str
    name: str
    metadata: VideoMetadata
    picture: PictureAnalysis
    sound: SoundAnalysis
    features: str
    style: StyleDna
    png: str
    html: str


def run(inputs: Inputs, report: Report) -> None:
    """Write the picture as PNG and as HTML."""
    features = Features.open(inputs.features)
    seen = Inspection(
        name=inputs.name,
        metadata=inputs.metadata,
        style=inputs.style,
        active=inputs.picture.active or ActivePicture(0, 0, inputs.metadata.width, inputs.metadata.height),
        thumbnails=_thumbnails(inputs),
        motion=motion_curve(features, inputs.picture),
        sound=trace_sound(inputs.path, inputs.sound),
    )
    report(0.6)
    Path(inputs.html).write_text(inspection_html(seen), encoding="utf-8")
    Path(inputs.png).write_bytes(picture_png(seen))
    report(1.0)


def task(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """The drawing as the sandbox calls it: {"inputs"} in, nothing out but the files."""
    run(from_plain(Inputs, payload["inputs"]), report)
    return {}


def motion_curve(features: Features, picture: PictureAnalysis) -> Curve:
    """The speed of every window of 1/12 s on the scale of `motion_intensity`; nothing where shots are joined."""
    aspect = features.thumb_y.shape[2] / features.thumb_y.shape[1]
    windows = compose(features.motion[1:], features.times, aspect)
    ends_s = features.times[0] + np.cumsum(windows.seconds)
    starts_s = ends_s - windows.seconds
    values = np.array([intensity(float(speed)) for speed in windows.speed])
    for shot in picture.shots:
        if shot.join is not None:
            until_s = max(shot.join.start_s + shot.join.duration_s, shot.start_s)
            values[(starts_s < until_s - 1e-6) & (ends_s > shot.join.start_s - 1e-6)] = np.nan
    return _curve((starts_s + ends_s) / 2, values)


def trace_sound(path: str, sound: SoundAnalysis) -> SoundTrace | None:
    """The sound's waveform and its loudness over time; None without a sound track."""
    track = find_sound(path)
    if track is None or not sound.has_sound:
        return None
    readings: list[Reading] = []
    meter = LoudnessMeter(track.rate_hz, track.layout, true_peak=False, readings=readings)
    step = max(1, round(sound.duration_s * track.rate_hz / _STEPS))
    extremes: list[NDArray[np.float32]] = []
    rest = np.zeros(0, np.float32)
    for block in sound_blocks(track):
        meter.push(block)
        rest = np.concatenate([rest, mono(block)])
        whole = rest[: len(rest) // step * step].reshape(-1, step)
        extremes.append(
            np.stack([whole.min(axis=1), whole.max(axis=1)]) if len(whole) else np.zeros((2, 0), np.float32)
        )
        rest = rest[whole.size :]
    meter.finish()
    lows, highs = np.concatenate(extremes, axis=1).round(4) if extremes else np.zeros((2, 0))
    settled = [reading for reading in readings if reading.time_s >= 3]
    return SoundTrace(
        len(lows) * step / track.rate_hz,
        tuple(lows.tolist()),
        tuple(highs.tolist()),
        _loudness([(reading.time_s - 0.2, reading.momentary) for reading in readings]),
        _loudness([(reading.time_s - 1.5, reading.short_term) for reading in settled]),
        sound.music,
        sound.speech,
    )


def _loudness(levels: list[tuple[float, float]]) -> Curve:
    times_s, lufs = np.array(levels, np.float64).reshape(-1, 2).T
    return _curve(times_s, np.where(lufs > _SILENCE_LUFS, lufs, np.nan))


def _thumbnails(inputs: Inputs) -> tuple[Thumbnail, ...]:
    """As many frames, evenly spread, as fill a row of the timeline."""
    aspect = inputs.metadata.width / inputs.metadata.height
    count = min(_MOST_THUMBNAILS, max(3, round(_THUMBNAIL_ROW_ASPECT / aspect)))
    times_s = evenly(Fraction(inputs.picture.duration_s).limit_denominator(100_000), count)
    return tuple(Thumbnail(float(at), _jpeg(tile_of(still_at(inputs.path, at)))) for at in times_s)


def _jpeg(image: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_JPEG_QUALITY)
    return out.getvalue()


def _curve(times_s: NDArray[np.float64], values: NDArray[np.float64]) -> Curve:
    """At most 1400 points: of more, the means of even groups that are not all unknown."""
    group = -(-len(values) // _STEPS) or 1
    kept = [values[at : at + group] for at in range(0, len(values), group)]
    shown = [None if np.isnan(part).all() else round(float(np.nanmean(part)), 3) for part in kept]
    return Curve(tuple(np.round(times_s[::group], 4).tolist()), tuple(shown))
