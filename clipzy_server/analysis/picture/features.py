"""The measured features of one video: files that are written frame by frame and read as memory maps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from clipzy_server.media.mapped import let_go, passing

FRAMES_HELD = 256
"""How many frames a pass over a video keeps in memory."""

MOTION_COLUMNS = ("dx", "dy", "log_scale", "rotation", "residual", "inliers")


@dataclass(frozen=True, slots=True)
class Features:
    """Features of N frames, memory-mapped copy-on-write: the files never change.

    times: float64[N] s from the start of the picture, strictly growing.
    thumb_y: uint8[N, h, w], thumb_u, thumb_v: uint8[N, h/2, w/2]: area-averaged picture as displayed, 8-bit BT.709 of
        limited range; the long side has at most 96 px.
    motion: float32[N, 6], similarity from the frame before to this one (row 0 is zero): dx, dy as shares of the
        picture's diagonal (content moving right and down is positive), log_scale (content growing is positive),
        rotation in radians, residual in levels of luma, share of inliers 0…1.
    sharpness: float32[N], root mean square of the differences between neighbours at about 240 px, levels of luma.
    usual_step_s: median interval between frames, seconds; 1/25 s for a single frame.
    """

    times: NDArray[np.float64]
    thumb_y: NDArray[np.uint8]
    thumb_u: NDArray[np.uint8]
    thumb_v: NDArray[np.uint8]
    motion: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    usual_step_s: float = field(init=False)

    def __post_init__(self) -> None:
        """Find the usual step once: it is asked for often."""
        step_s = float(np.median(np.diff(self.times))) if len(self.times) > 1 else 0.04
        object.__setattr__(self, "usual_step_s", step_s)

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """Map the files of a folder that `FeatureWriter` has closed; as plain arrays, which are indexed faster."""
        names = [one.name for one in fields(cls) if one.init]
        return cls(**{name: np.asarray(np.load(Path(folder) / f"{name}.npy", mmap_mode="c")) for name in names})

    @property
    def frame_count(self) -> int:
        """Number of frames."""
        return len(self.times)

    @property
    def duration_s(self) -> float:
        """From the first frame to the end of the last, which is shown for a usual step."""
        return float(self.times[-1]) + self.usual_step_s

    def passing(self, step: int = 1) -> Iterator[int]:
        """The number of every `step`th frame; what lies behind leaves the memory, and is read again where needed."""
        for part in passing(self.frame_count, step * max(1, FRAMES_HELD // step), *self._thumbs):
            yield from range(part.start, part.stop, step)

    def let_go(self) -> None:
        """Give back the memory of what was read."""
        let_go(*self._thumbs)

    @property
    def _thumbs(self) -> tuple[NDArray[np.uint8], ...]:
        return self.thumb_y, self.thumb_u, self.thumb_v


class FeatureWriter:
    """Appends one row per frame to each file; memory does not grow with the length of the video."""

    ROWS_AT_ONCE = 64

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._columns: dict[str, _Column] = {}

    def append(self, row: Mapping[str, NDArray[Any]]) -> None:
        """Add one frame's values by the name of their file; all rows of a file have one shape and type."""
        for name, value in row.items():
            if name not in self._columns:
                self._columns[name] = _Column(self._folder / f"{name}.npy", value, self.ROWS_AT_ONCE)
            self._columns[name].append(value)

    def close(self) -> None:
        """Write what is left and the final number of rows."""
        for column in self._columns.values():
            column.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Column:
    """One .npy file that grows by rows; NumPy's header leaves room for the final number."""

    def __init__(self, path: Path, first: NDArray[Any], rows_at_once: int) -> None:
        self._file = path.open("wb")
        self._block = np.empty((rows_at_once, *first.shape), first.dtype)
        self._filled = self._count = 0
        self._write_header()

    def append(self, value: NDArray[Any]) -> None:
        self._block[self._filled] = value
        self._filled += 1
        if self._filled == len(self._block):
            self._flush()

    def close(self) -> None:
        self._flush()
        self._file.seek(0)
        self._write_header()
        self._file.close()

    def _flush(self) -> None:
        self._file.write(self._block[: self._filled].data)
        self._count += self._filled
        self._filled = 0

    def _write_header(self) -> None:
        shape = (self._count, *self._block.shape[1:])
        header = {"descr": np.lib.format.dtype_to_descr(self._block.dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._file, header)
