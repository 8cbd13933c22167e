"""What the shots on both sides of a join would show in its frames, had each gone on alone.

Each is carried on by the motion it had just before (or has just after), as far as that motion foretells its own last
(or first) frames; how badly it does so tells how much of a mixture even the right explanation leaves open.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from clipzy_server.analysis.picture.compare import as_warp
from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.kernels.carry import carry

Planes = NDArray[np.float32]

HISTORY_S = 0.2
# Squared levels that quantisation and compression leave in any case.
NOISE = 1.0
# Motion explains no more of a frame than this share of the squared difference between the two pictures.
UNFORETOLD = 0.1
# What moves in one place may move near by: errors are spread over so many pixels of a halved thumbnail.
SPREAD_PX = 7
# A foretold motion counts where it leaves this much less than no motion.
FORETOLD = 0.85


@dataclass(frozen=True, slots=True)
class Window:
    """Frames start … end − 1 (numbers) around a change."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Anchors:
    """Which of a window's frames (indices) show the old and the new shot alone; `room` holds both and no clean cut."""

    old: int
    new: int
    room: Window


@dataclass(frozen=True, slots=True)
class Ends:
    """Both shots in each frame of a window: float32[n, 3, h, w] each, planes Y, U, V of one size.

    `expected`: float64[n], mean squared difference (levels²) from its frame that even the right mixture has. `weights`:
    float32[n, h, w], how much a pixel tells beside others: `expected` over what is expected of it alone.
    """

    olds: Planes
    news: Planes
    expected: NDArray[np.float64]
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Drift:
    """The similarity of one frame's time: scale and turn, shift in px, and the squared error float32[h, w] it adds."""

    scale: complex
    shift: complex
    growth: NDArray[np.float32]


def planes_of(features: Features, frames: NDArray[np.intp]) -> Planes:
    """float32[n, 3, h, w]: luma at half the thumbnail's size, chroma at its own."""
    luma, blue, red = (thumbs[frames] for thumbs in (features.thumb_y, features.thumb_u, features.thumb_v))
    planes = np.empty((len(frames), 3, *blue.shape[1:]), np.float32)
    rows = np.add(luma[:, ::2], luma[:, 1::2], dtype=np.uint16)
    np.multiply(rows[..., ::2] + rows[..., 1::2], np.float32(0.25), out=planes[:, 0])
    planes[:, 1], planes[:, 2] = blue, red
    return planes


def ends_of(features: Features, frames: NDArray[np.intp], planes: Planes, anchors: Anchors) -> Ends:
    """Carry the old picture from one of some frames, and the new one from another, through all of them."""
    old_at, new_at, room = anchors.old, anchors.new, anchors.room
    first, last = int(frames[old_at]), int(frames[new_at])
    history = max(1, round(HISTORY_S / features.usual_step_s))
    old = drift(features, Window(max(room.start, first - history), first + 1), -1)
    new = drift(features, Window(last, min(room.end, last + 1 + history)), 0)
    since, until = frames - first, last - frames
    share = np.clip(since / max(1, last - first), 0, 1)
    unforetold = np.multiply.outer((1 - share) ** 2 * np.abs(since), old.growth)
    unforetold += np.multiply.outer(share**2 * np.abs(until), new.growth)
    most = float(np.mean((planes[new_at] - planes[old_at]) ** 2))
    expected = NOISE + np.minimum(unforetold.mean(axis=(1, 2)), UNFORETOLD * most)
    weights = expected[:, None, None] / (NOISE + np.minimum(unforetold, most))
    olds, news = carried(planes[old_at], old, since), carried(planes[new_at], new, -until)
    return Ends(olds, news, expected, weights.astype(np.float32))


def drift(features: Features, window: Window, anchor: int) -> Drift:
    """The motion over some frames of one shot, from or to the frame at index `anchor` of them (0 or −1)."""
    count = window.end - window.start - 1
    if count < 1:
        return Drift(1, 0, np.zeros(features.thumb_u.shape[1:], np.float32))
    pictures = planes_of(features, np.array([window.start, window.end - 1]))
    here, there = pictures[anchor], pictures[-1 - anchor]
    steps = [as_warp(row, *here.shape[1:]) for row in features.motion[window.start + 1 : window.end]]
    a, _, t, _ = np.mean([(complex(s[0], s[1]), 0, complex(s[2], s[3]), 0) for s in steps], axis=0)
    ways = [Drift(1, 0, here[0]), Drift(complex(a), complex(t), here[0])]
    lag = np.array([count if anchor else -count])
    errors = [((carried(there, way, lag)[0] - here) ** 2).mean(axis=0) for way in ways]
    best = int(errors[1].mean() < FORETOLD * errors[0].mean())
    return replace(ways[best], growth=ndimage.uniform_filter(errors[best], SPREAD_PX) / count)


def carried(planes: Planes, way: Drift, frames: NDArray[np.intp]) -> Planes:
    """float32[n, 3, h, w]: a picture so many frames later (or earlier, where negative)."""
    if way.scale == 1 and way.shift == 0:
        return np.broadcast_to(planes, (len(frames), *planes.shape))
    scales = np.power(way.scale, frames.astype(np.complex128))
    grown = frames if abs(way.scale - 1) < 1e-9 else (scales - 1) / (way.scale - 1)
    out = np.empty((len(frames), *planes.shape), np.float32)
    carry(np.ascontiguousarray(planes), scales, way.shift * grown.astype(np.complex128), out)
    return out
