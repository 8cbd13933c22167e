"""Cuts that are none: short slides and zooms, of whose motion only one large step is seen."""

from clipzy_server.analysis.picture.accepted import LEAST_SPAN_FRAMES, Gradual, accepted, joined
from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.gradual import is_clean_cut, settled
from clipzy_server.analysis.picture.reading import Reading, read_moving
from clipzy_server.analysis.picture.shot_ends import Window

REACHES_S = (0.7, 0.35)
# Where the levels change so little beside the step (as a share of it), nothing moves.
STILL_SHARE = 0.15
# A cut so near to another one (frames) is the same.
SAME = 2
# That there are two shots is certain, the motion need not be seen: where a slide or zoom leaves so little of the cut's
# error, so certainly, it is one. Of true cuts, one in forty gives a reading at all, and leaves more than 0.3.
LARGEST_ERROR_SHARE, LEAST_CONFIDENCE = 0.22, 0.5


def with_moved_cuts(features: Features, cuts: list[int], gradual: list[Gradual]) -> list[Gradual]:
    """Gradual joins, and the slides and zooms that explain another cut (its first frame) better than a cut does."""
    joins = list(gradual)
    for cut in cuts:
        known = any(one.first - 1 <= cut <= one.last + 1 for one in joins)
        if not known and not is_clean_cut(features, cut, STILL_SHARE):
            moved = _moved(features, cut, _room(features, cut, cuts, joins))
            joins += [] if moved is None else [moved]
            features.let_go()
    return joins


def _room(features: Features, cut: int, cuts: list[int], joins: list[Gradual]) -> Window:
    """The frames around a cut up to the next joins."""
    others = [other for other in cuts if abs(other - cut) > SAME]
    before = [other for other in others if other < cut] + [one.last for one in joins if one.last <= cut]
    after = [other for other in others if other > cut] + [one.first + 1 for one in joins if one.first >= cut]
    return Window(max(before, default=0), min(after, default=features.frame_count))


def _moved(features: Features, cut: int, room: Window) -> Gradual | None:
    readings = []
    for reach_s in REACHES_S:
        reach = round(reach_s / features.usual_step_s)
        window = Window(max(room.start, cut - reach), min(room.end, cut + 1 + reach))
        reading = settled(features, cut, window, room, read_moving)
        if reading is not None and reading.first < cut <= reading.last:
            readings.append(reading)
    best = max(readings, key=lambda reading: reading.confidence, default=None)
    if best is None or not (_is_certain(best) or accepted(features, best)):
        return None
    return joined(features, best, best.fit.table.type)


def _is_certain(reading: Reading) -> bool:
    explained = reading.error_share <= LARGEST_ERROR_SHARE and reading.confidence >= LEAST_CONFIDENCE
    return explained and reading.last - reading.first >= LEAST_SPAN_FRAMES
