"""Which readings are joins: the scene changes for good, all over, and in the way of the transition's kind."""

from dataclasses import dataclass

from clipzy_server.analysis.picture.compare import (
    comes_back,
    is_lasting,
    scene_difference,
    share_kept,
    structure_difference,
)
from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.plausible import changes_all_over, fades_half_way, is_blank, is_blurred
from clipzy_server.analysis.picture.reading import Reading
from clipzy_server.analysis.picture.travel import agreement, goes_on
from clipzy_server.domain.analysis import Join
from clipzy_server.domain.style import TransitionType

# Scene difference of the shots on both sides of a join: a title that fades in is a dissolve of a part.
CHANGED_WHOLLY = {TransitionType.DISSOLVE: 0.55, TransitionType.FADE: 0.55}
OTHER_CHANGED_WHOLLY = 0.3
# Of what either shot shows, so much is not found in the other: a camera, fog or a title would leave more.
GONE_WHOLLY = dict.fromkeys(set(TransitionType) - {TransitionType.SLIDE}, 0.68)
# More of the picture than that stays as it is: words came, or a part grew brighter; unless so much is not found again.
MOST_KEPT = 0.2
GONE_SURELY = 0.75
# Logarithm of 1 + cost / expected cost, mean over the frames: beyond this no mixture has been explained, unless a small
# share of the cut's error is left, as between two still shots.
LARGEST_MISFIT, SMALL_ERROR_SHARE = 2.0, 0.2
# Shorter than this, a cut and a blended frame look the same.
LEAST_SPAN_FRAMES = 3
LEAST_NOVELTY = 0.3
MIXTURES = (TransitionType.DISSOLVE, TransitionType.FADE)
# What moves in a shot is more like a mixture than like an edge that crosses all of it; a zoom's own motion is seen.
LEAST_CONFIDENCE = {
    TransitionType.DISSOLVE: 0.57,
    TransitionType.FADE: 0.6,
    TransitionType.WIPE: 0.4,
    TransitionType.SLIDE: 0.45,
    TransitionType.ZOOM: 0.3,
}
# Where the curve is a gentle one: with more curves, more of what is no transition fits.
LEAST_GENTLE_CONFIDENCE = 0.65
# How much of the motion that the transition makes must be seen; of 0 where a camera or an animal moves otherwise.
LEAST_AGREEMENT = {TransitionType.SLIDE: 0.35, TransitionType.ZOOM: 0.1}


@dataclass(frozen=True, slots=True)
class Gradual:
    """A gradual join: last frame of the old shot alone, first frame of the new one alone, and what it is."""

    first: int
    last: int
    join: Join


@dataclass(frozen=True, slots=True)
class Candidate:
    """A gradual join and how much of a cut's error it takes away (levels² · frames)."""

    gradual: Gradual
    explained: float

    @property
    def worth(self) -> float:
        """What it explains, and how certainly."""
        return self.explained * self.gradual.join.confidence**2


def accepted(features: Features, reading: Reading) -> Candidate | None:
    """The reading as a join, or None where it is no convincing one."""
    fit, kind = reading.fit, kind_of(reading)
    sure = reading.confidence >= (LEAST_GENTLE_CONFIDENCE if fit.gentle else LEAST_CONFIDENCE[kind])
    if not sure or not _is_explained(reading) or not _is_plausible(features, reading, kind):
        return None
    return Candidate(joined(features, reading, kind), reading.explained)


def kind_of(reading: Reading) -> TransitionType:
    """What a join of this reading would be: to dissolve from or to blankness is half a fade."""
    fit = reading.fit
    half = is_blank(reading.planes[fit.first]) or is_blank(reading.planes[fit.last])
    return TransitionType.FADE if half and fit.table.type is TransitionType.DISSOLVE else fit.table.type


def changes_wholly(features: Features, first: int, last: int, kind: TransitionType) -> bool:
    """Whether between two frames so much of the scene changes as a join of a kind makes."""
    if scene_difference(features, first, last) < CHANGED_WHOLLY.get(kind, OTHER_CHANGED_WHOLLY):
        return False
    gone = structure_difference(features, first, last)
    stays = gone < GONE_SURELY and share_kept(features, first, last) >= MOST_KEPT
    return not stays and gone >= GONE_WHOLLY.get(kind, 0.0)


def joined(features: Features, reading: Reading, kind: TransitionType) -> Gradual:
    """The join of a kind that a reading tells of."""
    start_s, end_s = float(features.times[reading.first]), float(features.times[reading.last])
    join = Join(kind, start_s, end_s - start_s, reading.fit.easing, reading.confidence)
    return Gradual(reading.first, reading.last, join)


def _is_explained(reading: Reading) -> bool:
    """Whether there are two pictures, and the frames between come of them."""
    fits = reading.misfit <= LARGEST_MISFIT or reading.error_share <= SMALL_ERROR_SHARE
    fits = fits or reading.fit.table.type not in MIXTURES
    long_enough = reading.last - reading.first >= LEAST_SPAN_FRAMES
    return long_enough and fits and reading.fit.table.novelty >= LEAST_NOVELTY


def _is_plausible(features: Features, reading: Reading, kind: TransitionType) -> bool:
    """Whether the scene changes for good, all over, and in the way of the kind, which is a fade for half a fade too."""
    fit, first, last = reading.fit, reading.first, reading.last
    inside = reading.planes[fit.first : fit.last + 1]
    if not changes_wholly(features, first, last, kind):
        return False
    if fit.table.type is TransitionType.FADE and not fades_half_way(inside, fit.easing):
        return False
    if agreement(features, reading) < LEAST_AGREEMENT.get(kind, 0.0):
        return False
    told = reading.ends.weights[fit.first : fit.last + 1].mean(axis=0)
    changes = changes_all_over(inside, reading.ends.olds[fit.last], told, kind)
    lasts = is_lasting(features, first, last) and not comes_back(features, first, last)
    is_pan = kind is TransitionType.SLIDE and (is_blurred(features, first, last) or goes_on(features, reading))
    return changes and lasts and not is_pan
