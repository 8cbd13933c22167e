"""Whether two frames show the same scene, and how much changes from one to the next."""

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.kernels.compare import dissimilarity, mean_difference, structure_lost

FLASH_S = 0.16
FLASH_RETURN = 0.45
RETURNS_S = (0.1, 0.3, 0.6)
CAME_BACK = 0.5
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


def is_lasting(features: Features, last: int, first: int) -> bool:
    """Whether a change after frame `last` that is over at frame `first` is for good.

    False where the picture from before soon comes back, or the one after was there shortly before: light that does so
    was a flash or a strobe.
    """
    reach = max(1, round(FLASH_S / features.usual_step_s))
    jump = level_difference(features, last, first)
    after = range(first + 1, min(first + reach, features.frame_count - 1) + 1)
    before = range(max(0, last - reach), last)
    back = [level_difference(features, last, k) for k in after]
    back += [level_difference(features, k, first) for k in before]
    return min(back, default=jump) >= FLASH_RETURN * jump


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
