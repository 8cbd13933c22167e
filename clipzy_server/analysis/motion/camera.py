"""What the camera does: speeds, zooms, classes of movement, from the global motion of every frame.

Motions are composed over windows of about 1/12 s, so that numbers do not depend on the frame rate. The speed of a
window is the median displacement of a grid of points as a share of the picture's diagonal, per second.
Published scale: motion_intensity = 100 · (1 − exp(−v / 0.3)) with v the median speed in diagonals per second.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.motion.zoom import whole_picture_grows
from clipzy_server.analysis.picture.features import Features
from clipzy_server.domain.analysis import MotionAnalysis, PictureAnalysis, Shot, ShotMotion
from clipzy_server.domain.style import Camera

INTENSITY_SPEED = 0.3
WINDOW_S = 1 / 12
# Slower than this (diagonals per second) the camera stands.
STATIC_SPEED = 0.006
# A shot zooms when its picture grows or shrinks steadily by this much (natural logarithm) per second, and in all.
ZOOM_PER_S = 0.02
ZOOM_IN_ALL = 0.02
STEADY = 0.55


@dataclass(frozen=True, slots=True)
class Windows:
    """Motion composed over windows: float64[n] each. x, y in diagonals, zoom in log scale, speed in diagonals/s."""

    seconds: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    zoom: NDArray[np.float64]
    speed: NDArray[np.float64]
    trust: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShotReading:
    """One shot: its motion, how long it was looked at (s), its camera classes and its windows' speeds and trust."""

    motion: ShotMotion
    seconds: float
    shares: NDArray[np.float64]
    windows: Windows


def analyse_motion(features: Features, picture: PictureAnalysis) -> MotionAnalysis:
    """Interpret the motion of all shots; joins are left out. A still picture has intensity 0 and is static."""
    aspect = features.thumb_y.shape[2] / features.thumb_y.shape[1]
    readings = [_read_shot(features, picture.shots, number, aspect) for number in range(len(picture.shots))]
    speeds = np.concatenate([reading.windows.speed for reading in readings])
    trusts = np.concatenate([reading.windows.trust for reading in readings])
    seconds = np.array([reading.seconds for reading in readings])
    shares = np.array([reading.shares for reading in readings])
    whole = (seconds[:, None] * shares).sum(axis=0) / seconds.sum() if seconds.sum() > 0 else _STATIC
    trust = float(trusts.mean()) if len(trusts) else 0.0
    return MotionAnalysis(
        intensity=intensity(float(np.median(speeds)) if len(speeds) else 0.0),
        zoom_usage=100 * float(np.mean([reading.motion.zooms for reading in readings])),
        camera=Camera(*(float(share) for share in whole)),
        shots=tuple(reading.motion for reading in readings),
        confidence={"motion_intensity": trust, "zoom_usage": trust, "camera": trust},
    )


def intensity(speed: float) -> float:
    """0…100 of a speed in diagonals per second."""
    return 100 * (1 - float(np.exp(-speed / INTENSITY_SPEED)))


def _read_shot(features: Features, shots: tuple[Shot, ...], number: int, aspect: float) -> ShotReading:
    first, end = _inner_frames(features, shots, number)
    windows = compose(features.motion[first + 1 : end], features.times[first:end], aspect)
    seconds = float(windows.seconds.sum())
    if seconds == 0:
        return ShotReading(ShotMotion(0.0, 0.0, 0.0, 0.0, 0.0, False), 0.0, _STATIC, windows)
    velocity = np.array([windows.x.sum(), windows.y.sum(), windows.zoom.sum()]) / seconds
    rates = np.stack([windows.x, windows.y, windows.zoom]) / windows.seconds
    shake = float(np.median(np.hypot(rates[0] - velocity[0], rates[1] - velocity[1])))
    usual = float(np.median(rates[2]))
    zooms = _is_steady_zoom(rates[2], seconds) and whole_picture_grows(features, first, end, usual)
    speed = float(np.median(windows.speed))
    motion = ShotMotion(intensity(speed), float(velocity[0]), float(velocity[1]), float(velocity[2]), shake, zooms)
    return ShotReading(motion, seconds, _shares(rates, windows.speed, zooms), windows)


def compose(motion: NDArray[np.float32], times: NDArray[np.float64], aspect: float) -> Windows:
    """Motion (float32[n, 6], from each of times[:-1] to the next) over windows; `aspect`: width / height."""
    points = _grid(aspect)
    columns: list[tuple[float, ...]] = []
    at = 0
    while at < len(motion):
        end = at + 1
        while end < len(motion) and times[end] - times[at] < WINDOW_S * 0.98:
            end += 1
        a, t = complex(1), complex(0)
        for row in motion[at:end]:
            step = np.exp(complex(row[2], row[3]))
            a, t = step * a, step * t + complex(row[0], row[1])
        seconds = float(times[end] - times[at])
        moved = float(np.median(np.abs(a * points + t - points)))
        columns.append(
            (seconds, t.real, t.imag, float(np.log(abs(a))), moved / seconds, float(motion[at:end, 5].min()))
        )
        at = end
    table = np.array(columns, np.float64).reshape(-1, 6).T
    return Windows(*table)


_STATIC = np.array([0.0, 0.0, 0.0, 0.0, 1.0])


def _grid(aspect: float) -> NDArray[np.complex128]:
    """Points over the picture, from its centre, in diagonals."""
    width, height = aspect / np.hypot(aspect, 1), 1 / np.hypot(aspect, 1)
    x, y = np.meshgrid((np.arange(16) - 7.5) / 16 * width, (np.arange(9) - 4) / 9 * height)
    return np.asarray(x + 1j * y, np.complex128).ravel()


def _inner_frames(features: Features, shots: tuple[Shot, ...], number: int) -> tuple[int, int]:
    """First frame and end of what a shot shows alone, without the joins at either side."""
    shot = shots[number]
    first, end = shot.first_frame, shot.end_frame
    if shot.join is not None and shot.join.duration_s > 0:
        clear_s = shot.join.start_s + shot.join.duration_s
        first = max(first, int(np.searchsorted(features.times, clear_s - 1e-6)))
    following = shots[number + 1].join if number + 1 < len(shots) else None
    if following is not None and following.duration_s > 0:
        end = min(end, int(np.searchsorted(features.times, following.start_s + 1e-6)))
    return (first, end) if end > first else (shot.first_frame, shot.first_frame + 1)


def _is_steady_zoom(rates: NDArray[np.float64], seconds: float) -> bool:
    usual = float(np.median(rates))
    steady = float(np.mean(np.sign(rates) == np.sign(usual)))
    spread = float(np.median(np.abs(rates - usual)))
    return (
        abs(usual) >= ZOOM_PER_S
        and abs(usual) * seconds >= ZOOM_IN_ALL
        and steady >= 0.5 + STEADY / 2
        and spread < abs(usual)
    )


def _shares(rates: NDArray[np.float64], speed: NDArray[np.float64], zooms: bool) -> NDArray[np.float64]:
    """float64[5]: pan, tilt, zoom, handheld, static, summing to 1, window by window.

    Movement that keeps its direction over about half a second is a pan, a tilt or a zoom; what turns is handheld.
    """
    smooth = np.stack([_smoothed(rate, 7) for rate in rates])
    moving = speed >= STATIC_SPEED
    shaking = np.hypot(rates[0] - smooth[0], rates[1] - smooth[1])
    drift = np.hypot(smooth[0], smooth[1])
    # A zoom's displacement is felt at about a quarter of a diagonal from the centre.
    growth = np.abs(smooth[2]) * 0.25 if zooms else np.zeros_like(drift)
    zooming = moving & (growth > drift) & (growth > 0.5 * shaking)
    steady = moving & ~zooming & (drift > shaking) & ~_turns(smooth)
    pan = steady & (np.abs(smooth[0]) >= np.abs(smooth[1]))
    tilt = steady & ~pan
    handheld = moving & ~zooming & ~steady
    return np.array([mask.mean() for mask in (pan, tilt, zooming, handheld, ~moving)])


def _turns(smooth: NDArray[np.float64]) -> bool:
    """Whether the smoothed path keeps coming back: its net way is less than half of its length."""
    length = float(np.hypot(smooth[0], smooth[1]).sum())
    net = float(np.hypot(smooth[0].sum(), smooth[1].sum()))
    return net < 0.5 * length


def _smoothed(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    width = min(width, len(values) if len(values) % 2 else len(values) - 1)
    if width < 2:
        return values
    padded = np.pad(values, width // 2, mode="edge")
    return np.asarray(np.convolve(padded, np.full(width, 1 / width), mode="valid"), np.float64)
