"""What a window of frames shows: the transition that explains it best, beside the best cut."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.picture.blends import Table, mixtures, sided, zooms
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


@dataclass(frozen=True, slots=True)
class _Scene:
    """Some frames (numbers), both shots in them, how they are mixed, and the best cut; `old` and `new`: `Anchors`."""

    frames: NDArray[np.intp]
    times_s: NDArray[np.float64]
    planes: Planes
    old: Planes
    new: Planes
    ends: Ends
    mixed: list[Table]
    cut: Fit

    def sided(self) -> Iterator[Table]:
        return sided(self.planes, self.ends.olds, self.ends.news, self.ends.weights)

    def best(self, tables: Iterable[Table], beside: Fit | None) -> Fit | None:
        """The best fit of some tables, if it is better than another fit and than the cut; else that other one."""
        return best_fit(tables, self.times_s, self.ends.expected, (beside or self.cut).misfit) or beside

    def best_zoom(self, beside: Fit | None) -> Fit | None:
        return self.best(zooms(self.planes, self.old, self.new, self.ends.weights), beside)

    def reading(self, fit: Fit | None) -> Reading | None:
        return None if fit is None else Reading(self.frames, self.planes, self.ends, fit, self.cut)


def read_window(features: Features, window: Window, room: Window, alone: Window) -> Reading | None:
    """The transition inside a window, or None where no gradual one explains it better than a cut.

    The first and last frame of `alone` are taken to show the old and the new shot alone.
    """
    scene = _scene(features, window, room, alone)
    if scene is None:
        return None
    # From or to blankness, half a fade is a mixture like any other; a whole one has blankness within.
    half = is_blank(scene.old) or is_blank(scene.new)
    fit = scene.best([*(scene.mixed[:1] if half else scene.mixed), *scene.sided()], None)
    doubtful = fit is None or fit.misfit > GOOD_MISFIT * len(scene.frames)
    if doubtful and grows(features, int(scene.frames[0]), int(scene.frames[-1])):
        fit = scene.best_zoom(fit)
    return scene.reading(fit)


def read_moving(features: Features, window: Window, room: Window, alone: Window) -> Reading | None:
    """The slide or zoom inside a window, or None where a cut explains it as well; see `read_window`."""
    scene = _scene(features, window, room, alone)
    if scene is None:
        return None
    slides = (table for table in scene.sided() if table.type is TransitionType.SLIDE)
    return scene.reading(scene.best_zoom(scene.best(slides, None)))


def _scene(features: Features, window: Window, room: Window, alone: Window) -> _Scene | None:
    frames = np.arange(window.start, window.end)
    frames = frames[:: max(1, -(-len(frames) // WINDOW_FRAMES))]
    if len(frames) < 4:
        return None
    planes = planes_of(features, frames)
    old = int(np.searchsorted(frames, alone.start, "right")) - 1
    new = min(int(np.searchsorted(frames, alone.end - 1)), len(frames) - 1)
    ends = ends_of(features, frames, planes, Anchors(old, new, room))
    mixed = list(mixtures(planes, ends.olds, ends.news, ends.weights))
    cut = cut_fit(mixed[0], ends.expected)
    return _Scene(frames, features.times[frames], planes, planes[old], planes[new], ends, mixed, cut)
