"""Neural networks with onnxruntime, on one core. What optimising them gives is kept as Numba keeps machine code: beside
the code, and good for one version and one kind of processor.
"""

import errno
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from llvmlite.binding import get_host_cpu_features, get_host_cpu_name

from clipzy_server.media.denormals import are_flushed
from clipzy_server.media.spare_memory import give_back_freed

# Otherwise it would tell its makers what runs here, from a thread of its own.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

_KEPT = Path(__file__).parent / "__pycache__"
_GRAPH = "graph.onnx"

Source = Callable[[Any], str | bytes]
"""Tells onnxruntime's options of what lies outside of the graph, and gives its file or content."""


@dataclass(frozen=True, slots=True)
class Network:
    """A graph out of an installed wheel."""

    name: str
    wheel: str
    source: Source

    def session(self) -> Any:
        """Ready to run. Made where it is used first: not every child needs one."""
        kept = self._kept_in() / _GRAPH
        session = _open(lambda _: str(kept), "ORT_DISABLE_ALL") if kept.exists() else _open(self.source)
        # What the graph was made of.
        give_back_freed()
        return session

    def look_up(self) -> bool:
        """Is it kept? Takes 10 ms the first time in a process, and next to nothing in one that is forked from it."""
        return self._kept_in().exists()

    def keep(self) -> None:
        """Optimise it, once for all sessions to come, where that was not done yet."""
        if not self.look_up():
            kept = self._kept_in()
            kept.parent.mkdir(exist_ok=True)
            with TemporaryDirectory(dir=kept.parent) as half:
                made = Path(half, kept.name)
                made.mkdir()
                _open(self.source, save_to=made / _GRAPH)
                try:
                    made.rename(kept)
                except OSError as error:
                    # Another process was faster.
                    if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                        raise

    def _kept_in(self) -> Path:
        versions = [_version(wheel) for wheel in (self.wheel, "onnxruntime")]
        made_for = (*versions, get_host_cpu_name(), get_host_cpu_features().flatten())
        return _KEPT / f"{self.name}-{hashlib.sha256(repr(made_for).encode()).hexdigest()[:16]}"


_version = cache(metadata.version)


def _open(source: Source, level: str = "ORT_ENABLE_ALL", save_to: Path | None = None) -> Any:
    # Loaded where a network is made: not every process that knows of one makes it.
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Many run on pictures of many sizes: memory is kept for the next one, but not planned for it.
    options.enable_mem_pattern = False
    # A tenth of the weights of PP-OCRv6's finder are denormal. The first session sets it for its thread, either way.
    options.add_session_config_entry("session.set_denormal_as_zero", str(int(are_flushed())))
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
    if save_to is not None:
        options.optimized_model_filepath = str(save_to)
        # Weights in a file of their own are mapped, not read and copied.
        options.add_session_config_entry("session.optimized_model_external_initializers_file_name", "weights")
        options.add_session_config_entry("session.optimized_model_external_initializers_min_size_in_bytes", "256")
    memory = {"arena_extend_strategy": "kSameAsRequested"}
    return onnxruntime.InferenceSession(source(options), options, providers=[("CPUExecutionProvider", memory)])
