"""Whether two frames show the same scene, and how much changes from one to the next."""

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.kernels.compare import dissimilarity, mean_difference, structure_lost

FLASH_S = 0.16
FLASH_RETURN = 0.45
RETURNS_S = (0.1, 0.3, 0.6)
CAME_BACK = 0.5
KEPT_LEVELS = 3
DARKEST, BRIGHTEST = 36, 230
STILL = np.array([1.0, 0.0, 0.0, 0.0])


def as_warp(motion: NDArray[np.float32], height: int, width: int) -> NDArray[np.float64]:
    """float64[4] (Re a, Im a, Re t, Im t in px from the centre) of one row of `Features.motion` at a picture size."""
    scale = np.exp(float(motion[2]) + 1j * float(motion[3]))
    diagonal_px = float(np.hypot(height, width))
    return np.array([scale.real, scale.imag, motion[0] * diagonal_px, motion[1] * diagonal_px])


def chained_warp(features: Features, first: int, last: int) -> NDArray[np.float64]:
    """The motion from frame `first` to frame `last` (first < last), composed of the steps between."""
    steps = features.motion[first + 1 : last + 1]
    scales = np.exp(steps[:, 2].astype(np.float64) + 1j * steps[:, 3].astype(np.float64)).tolist()
    shifts = (steps[:, :2] * float(np.hypot(*features.thumb_y.shape[1:]))).tolist()
    a, t = complex(1), complex(0)
    for scale, shift in zip(scales, shifts, strict=True):
        a, t = scale * a, scale * t + complex(*shift)
    return np.array([a.real, a.imag, t.real, t.imag])


def scene_difference(features: Features, first: int, last: int) -> float:
    """0 the same scene … 1 nothing in common; the camera may have moved between the two frames."""
    one, other = features.thumb_y[first], features.thumb_y[last]
    moved = dissimilarity(one, other, chained_warp(features, first, last))
    return float(min(moved, dissimilarity(one, other, STILL)))


def is_another_scene(features: Features, first: int, last: int, least: float) -> bool:
    """Whether `scene_difference` is at least so much; cheaper where it is less."""
    one, other = features.thumb_y[first], features.thumb_y[last]
    warps = chained_warp(features, first, last), STILL
    return all(dissimilarity(one, other, warp) >= least for warp in warps)


def structure_difference(features: Features, first: int, last: int) -> float:
    """0 all of one frame is found in the other … 1 nothing is, of the frame of which more is gone.

    Unlike in `scene_difference`, faint pictures count like strong ones, and fog or words that come take nothing away.
    """
    one, other = features.thumb_y[first], features.thumb_y[last]
    warp = chained_warp(features, first, last)
    gone = min(structure_lost(one, other, warp), structure_lost(one, other, STILL))
    come = min(structure_lost(other, one, _inverse(warp)), structure_lost(other, one, STILL))
    return float(max(gone, come))


def _inverse(warp: NDArray[np.float64]) -> NDArray[np.float64]:
    scale = 1 / complex(warp[0], warp[1])
    shift = -scale * complex(warp[2], warp[3])
    return np.array([scale.real, scale.imag, shift.real, shift.imag])


def level_difference(features: Features, first: int, last: int) -> float:
    """Mean absolute difference of two thumbnails, levels of luma plus the stronger chroma."""
    y, u, v = (
        mean_difference(thumbs[first], thumbs[last])
        for thumbs in (features.thumb_y, features.thumb_u, features.thumb_v)
    )
    return float(y + max(u, v))


def share_kept(features: Features, first: int, last: int) -> float:
    """Share 0…1 of the picture that keeps its luma and its colour; black and white in both frames do not count.

    Two scenes have next to none in common; words and panels that come or go leave the rest as it was.
    """
    thumbs = features.thumb_y, features.thumb_u, features.thumb_v
    luma, *chroma = [thumb[[first, last]].astype(np.int16) for thumb in thumbs]
    kept, *colours = [np.abs(before - after) <= KEPT_LEVELS for before, after in (luma, *chroma)]
    kept &= np.logical_and(*colours).repeat(2, axis=0).repeat(2, axis=1)
    shown = (luma.max(axis=0) > DARKEST) & (luma.min(axis=0) < BRIGHTEST)
    return float((kept & shown).sum() / max(1, shown.sum()))


def unmixed_share(features: Features, first: int, middle: int, last: int) -> float:
    """0 the middle frame is a mixture of the other two … 1 no mixture is more like it than one of them alone.

    The squared error of the best mixture, in luma, over that of the nearer frame.
    """
    one, frame, other = features.thumb_y[[first, middle, last]].astype(np.float32)
    way = other - one
    share = np.clip(np.vdot(frame - one, way) / max(1.0, float(np.vdot(way, way))), 0, 1)
    left, *apart = [float(np.square(frame - made).sum()) for made in (one + share * way, one, other)]
    return left / max(1.0, min(apart))


def is_lasting(features: Features, last: int, first: int) -> bool:
    """Whether a change after frame `last` that is over at frame `first` is for good.

    False where a picture from shortly before comes back shortly after: light that does so was a flash or a strobe, also
    one that takes a few frames to come and to go.
    """
    reach = max(1, round(FLASH_S / features.usual_step_s))
    before = range(max(0, last - reach), last + 1)
    after = range(first, min(first + reach, features.frame_count - 1) + 1)
    jump = level_difference(features, last, first)
    return min(level_difference(features, k, m) for k in before for m in after) >= FLASH_RETURN * jump


def comes_back(features: Features, first: int, last: int) -> bool:
    """Whether the scene from shortly before frame `first` is there again shortly after frame `last`.

    Then something passed by, or the light changed and changed back.
    """
    for before_s in RETURNS_S:
        early = first - round(before_s / features.usual_step_s)
        for after_s in RETURNS_S:
            late = last + round(after_s / features.usual_step_s)
            inside = early >= 0 and late < features.frame_count
            if inside and not is_another_scene(features, early, late, CAME_BACK):
                return True
    return False


def step_strengths(features: Features) -> NDArray[np.float64]:
    """float64[N]: how strongly each frame breaks with the one before (levels); 0 for the first.

    The luma residual after motion compensation, or what chroma changes, times the share of blocks not found again.
    """
    height, width = features.thumb_y.shape[1:]
    strengths = np.zeros(features.frame_count)
    for frame in features.passing():
        warp = as_warp(features.motion[frame], height, width)
        unmatched = dissimilarity(features.thumb_y[max(0, frame - 1)], features.thumb_y[frame], warp)
        strengths[frame] = unmatched * float(features.motion[frame, 4])
    return strengths
