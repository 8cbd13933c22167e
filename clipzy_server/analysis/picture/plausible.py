"""Whether what looks like a transition may be one: what titles, lights, objects and cameras do looks like one, too."""

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.shot_ends import Planes
from clipzy_server.domain.style import Easing, TransitionType

BLANK_SPREAD = 2.5
# Half way a fade has lost its contrast; between two of n frames three nth parts may be left, but no more than the most.
FADED_SHARE, MOST_FADED_SHARE = 0.12, 0.45
# The share of the time after which half of the way has been made.
HALF_WAY = {Easing.EASE_IN: 0.5 ** (1 / 3), Easing.EASE_OUT: 1 - 0.5 ** (1 / 3)}
# A slide shows both pictures as sharp as before, a camera that is torn round does not.
SHARP_SHARE = 0.6
SHARP_S = 0.4
# Natural logarithm by which the pictures of a zoom grow and shrink in all.
LEAST_GROWTH = 0.1
CHANGED_LEVELS = 4.0
CHANGED_AREA = 0.5
# Light or fog that changes does so by a gain from the least to the most; so many pixels tell it, others may move.
LEAST_GAIN, MOST_GAIN = 0.3, 8.0
TRIMMED = 0.6
RELIT_ROUNDS = 4


def changes_all_over(planes: Planes, gone_on: Planes, weights: NDArray[np.float32], kind: TransitionType) -> bool:
    """Whether much of the picture changes, as it does between two scenes.

    `gone_on`: what the last picture would be had the old shot gone on; `weights` float32[h, w]: what moved before tells
    less. A title that appears leaves most as it is, light that changes makes all of it alike.
    """
    luma = planes[:, 0]
    olds = [luma[0], gone_on[0]]
    if kind is TransitionType.DISSOLVE:
        olds += [relit(old, luma[-1]) for old in olds]
    shares = [np.average(np.abs(luma[-1] - old) >= CHANGED_LEVELS, weights=weights) for old in olds]
    return float(min(shares)) >= CHANGED_AREA


def fades_half_way(planes: Planes, easing: Easing) -> bool:
    """Whether the frames half way of a fade have lost their contrast."""
    contrasts = planes[:, 0].std(axis=(1, 2))
    half = round(HALF_WAY.get(easing, 0.5) * (len(planes) - 1))
    faded = min(MOST_FADED_SHARE, FADED_SHARE + 3 / len(planes))
    return float(contrasts[max(0, half - 1) : half + 2].min()) <= faded * float(max(contrasts[0], contrasts[-1]))


def relit(before: NDArray[np.float32], after: NDArray[np.float32]) -> NDArray[np.float32]:
    """A picture (luma) in another's light: gain and offset that most pixels share."""
    kept, made = np.ones(before.shape, bool), before
    for _ in range(RELIT_ROUNDS):
        centred = before[kept] - before[kept].mean()
        likeness = float((centred * (after[kept] - after[kept].mean())).mean())
        gain = np.clip(likeness / max(1e-6, float(np.mean(centred**2))), LEAST_GAIN, MOST_GAIN)
        made = after[kept].mean() + np.float32(gain) * (before - before[kept].mean())
        kept = np.abs(after - made) <= np.quantile(np.abs(after - made), TRIMMED)
    return made


def grows(features: Features, first: int, last: int) -> bool:
    """Whether the pictures between two frames grow or shrink as much as those of a zoom."""
    return float(np.abs(features.motion[first + 1 : last + 1, 2]).sum()) >= LEAST_GROWTH


def is_blurred(features: Features, first: int, last: int) -> bool:
    """Whether the frames between are less sharp than those shortly before and after."""
    reach = max(1, round(SHARP_S / features.usual_step_s))
    before = float(features.sharpness[max(0, first - reach) : first + 1].max())
    after = float(features.sharpness[last : last + reach + 1].max())
    return float(np.median(features.sharpness[first + 1 : last])) < SHARP_SHARE * min(before, after)


def is_blank(planes: Planes) -> bool:
    """Nothing but one level of black or white; planes float32[3, h, w] or luma alone."""
    luma = planes[0] if planes.ndim == 3 else planes
    level = float(np.median(luma))
    return float(luma.std()) < BLANK_SPREAD and (level < 26 or level > 225)
