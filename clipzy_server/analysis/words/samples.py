"""A picture now and then of a video, reduced, with its edges, and how two of them compare."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clipzy_server.analysis.picture.kernels.reduce import average_blocks
from clipzy_server.analysis.words.find_lines import Area
from clipzy_server.analysis.words.kernels.strokes import edges, same_edges
from clipzy_server.media.frames import Frame

LONG_SIDE_PX = 720
# An edge: so many levels of luma across a pixel.
LEAST_EDGE = 22
# Fewer edges than this tell nothing of whether a picture stayed.
_LEAST_EDGES = 150

Edges = npt.NDArray[np.int16]
Mask = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sample:
    """The edges int16[2, h, w] of a picture at a time, reduced by a whole `factor`."""

    time_s: float
    factor: int
    edges: Edges

    @classmethod
    def of(cls, frame: Frame, luma: npt.NDArray[np.float32]) -> "Sample":
        """Of a frame, whose luma was `reduced`."""
        found = np.empty((2, *luma.shape), np.int16)
        edges(luma, found)
        return cls(float(frame.time_s), _factor(frame), found)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        _, height, width = self.edges.shape
        return height, width


def _factor(frame: Frame) -> int:
    return int(-(-max(frame.y.shape) // LONG_SIDE_PX))


def reduced(frame: Frame) -> npt.NDArray[np.float32]:
    """The luma float32[h, w], 0…255, of a whole frame, reduced by the factor of its sample."""
    factor = _factor(frame)
    luma = np.empty(tuple(max(3, side // factor) for side in frame.y.shape), np.float32)
    average_blocks(frame.y, factor, luma)
    return luma


def steady(*samples: Sample) -> Mask:
    """uint8[h, w]: 1 where the last picture has an edge that all the others have as well."""
    *others, last = samples
    mask = np.ones(last.size, np.uint8)
    one = np.empty_like(mask)
    for other in others:
        same_edges(last.edges, other.edges, LEAST_EDGE, one)
        mask &= one
    return mask


def likeness(reference: Edges, found: Edges) -> float:
    """How alike edges int16[2, n] at the same n places are: 1 the same up to their strength, 0 nothing in common.

    Edges that are five times weaker than the reference are none.
    """
    one, other = reference.astype(np.float32), found.astype(np.float32)
    strength, weight = float(np.sqrt((one**2).sum())), float(np.sqrt((other**2).sum()))
    if weight < 0.2 * strength or strength == 0:
        return 0.0
    return float((one * other).sum()) / (strength * weight)


def picture_stays(before: Sample, after: Sample, without: list[Area]) -> float | None:
    """`likeness` of what was edges before, outside some areas; None where there are too few edges to tell."""
    strength = before.edges.astype(np.int32)
    strong = (strength**2).sum(axis=0) >= LEAST_EDGE**2
    for area in without:
        strong[area.slices] = False
    places = np.flatnonzero(strong)
    if len(places) < _LEAST_EDGES:
        return None
    return likeness(before.edges.reshape(2, -1)[:, places], after.edges.reshape(2, -1)[:, places])
