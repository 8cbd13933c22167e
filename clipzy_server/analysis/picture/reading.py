"""What a window of frames shows: the transition that explains it best, beside the best cut."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.picture.blends import mixtures, sided, zooms
from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.plausible import grows, is_blank
from clipzy_server.analysis.picture.progress import Fit, best_fit, cut_fit
from clipzy_server.analysis.picture.shot_ends import Anchors, Ends, Planes, Window, ends_of, planes_of
from clipzy_server.domain.style import TransitionType

WINDOW_FRAMES = 60
# Nats per frame over a cut that leave a third of the doubt. Any slow change is much like a mixture, while an edge or a
# size that follows an eased curve is hardly chance.
DOUBT_NATS = {TransitionType.DISSOLVE: 0.5, TransitionType.FADE: 0.5}
OTHER_DOUBT_NATS = 0.33
# A mixture explained so well needs no comparison with zooms.
GOOD_MISFIT = 0.9


@dataclass(frozen=True, slots=True)
class Reading:
    """The best explanation of some frames (numbers): its fit, and that of a cut at the best place."""

    frames: NDArray[np.intp]
    planes: Planes
    ends: Ends
    fit: Fit
    cut: Fit

    @property
    def first(self) -> int:
        """Last frame of the old shot alone."""
        return int(self.frames[self.fit.first])

    @property
    def last(self) -> int:
        """First frame of the new shot alone."""
        return int(self.frames[self.fit.last])

    @property
    def gain(self) -> float:
        """Nats per frame of the transition over the cut."""
        return (self.cut.misfit - self.fit.misfit) / (self.fit.last - self.fit.first)

    @property
    def misfit(self) -> float:
        """Mean over the frames within of the logarithm of 1 + cost / expected cost."""
        inside = slice(self.fit.first + 1, self.fit.last)
        return float(np.log1p(self.fit.costs[inside] / self.ends.expected[inside]).mean())

    @property
    def explained(self) -> float:
        """How much of the cut's error (levels² · frames) the transition takes away."""
        return (
            float((self.cut.costs - self.fit.costs).sum()) * (self.last - self.first) / (self.fit.last - self.fit.first)
        )

    @property
    def error_share(self) -> float:
        """The share of the cut's error that the transition leaves: of what is more than motion alone would leave."""
        inside = slice(self.fit.first + 1, self.fit.last)
        left, whole = (
            np.maximum(fit.costs[inside] - self.ends.expected[inside], 0).sum() for fit in (self.fit, self.cut)
        )
        floor = 0.5 * (self.fit.last - self.fit.first)
        return float((left + floor) / (whole + floor))

    @property
    def confidence(self) -> float:
        """0.05…0.99: how certainly it is no cut, times what it explains."""
        certain = 1 - np.exp(-self.gain / DOUBT_NATS.get(self.fit.table.type, OTHER_DOUBT_NATS))
        return float(np.clip(certain * (1 - self.error_share), 0.05, 0.99))


def read_window(features: Features, window: Window, room: Window, alone: Window) -> Reading | None:
    """The transition inside a window, or None where no gradual one explains it better than a cut.

    The first and last frame of `alone` are taken to show the old and the new shot alone.
    """
    frames = np.arange(window.start, window.end)
    frames = frames[:: max(1, -(-len(frames) // WINDOW_FRAMES))]
    if len(frames) < 4:
        return None
    planes, times_s = planes_of(features, frames), features.times[frames]
    old = int(np.searchsorted(frames, alone.start, "right")) - 1
    new = min(int(np.searchsorted(frames, alone.end - 1)), len(frames) - 1)
    ends = ends_of(features, frames, planes, Anchors(old, new, room))
    dissolve, *fades = mixtures(planes, ends.olds, ends.news, ends.weights)
    cut = cut_fit(dissolve, ends.expected)
    # From or to blankness, half a fade is a mixture like any other; a whole one has blankness within.
    half = is_blank(planes[old]) or is_blank(planes[new])
    tables = [dissolve, *([] if half else fades), *sided(planes, ends.olds, ends.news, ends.weights)]
    fit = best_fit(tables, times_s, ends.expected, cut.misfit)
    doubtful = fit is None or fit.misfit > GOOD_MISFIT * len(frames)
    if doubtful and grows(features, int(frames[0]), int(frames[-1])):
        fit = (
            best_fit(zooms(planes, planes[old], planes[new], ends.weights), times_s, ends.expected, (fit or cut).misfit)
            or fit
        )
    return None if fit is None else Reading(frames, planes, ends, fit, cut)
