"""Beat activation by madmom's recurrent networks, in chunks, while the sound is still being read.

The networks' weights may not be used commercially (`beat_networks`); `beats_flux` is the tracker without them.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from clipzy_server.analysis.sound.activation import Activation, HitOdds
from clipzy_server.analysis.sound.beat_networks import hear_beats
from clipzy_server.analysis.sound.beat_spectra import beat_spectra
from clipzy_server.analysis.sound.onsets import FRAME_RATE, RATE_HZ
from clipzy_server.media.samples import Samples
from clipzy_server.media.spare_memory import give_back_freed

# Whether there may be music between two times in seconds.
MayHoldMusic = Callable[[float, float], bool]

_CHUNK_S = 30
_CONTEXT_S = 5
# The networks listen in a thread beside the reading, since their loops don't hold the interpreter's lock.
_MOST_WAITING = 2
# Fitted to beats that were found in synthetic music of 22 styles.
_HIT_ODDS = HitOdds(-2.2, 8.3)


class NetworkListener:
    """Streaming: mono blocks [n] at 44.1 kHz in. Chunks of 30 s with 5 s of context on both sides give the same beats
    as the whole; at most two wait, so memory does not grow but by 0.8 KB for each second.
    """

    def __init__(self, may_hold_music: MayHoldMusic) -> None:
        self._may_hold_music = may_hold_music
        self._held: list[Samples] = []
        self._held_start_s = self._start_s = self._size = 0
        self._pool = ThreadPoolExecutor(1, "beat-networks")
        self._waiting: deque[tuple[int, Future[Activation]]] = deque()
        self._heard: list[tuple[int, Activation]] = []

    def push(self, block: Samples) -> None:
        """Take the next samples."""
        self._held.append(block)
        self._size += len(block)
        while self._size >= (self._start_s + _CHUNK_S + _CONTEXT_S) * RATE_HZ:
            self._listen(self._start_s + _CHUNK_S)
            self._start_s += _CHUNK_S
            self._forget(max(0, self._start_s - _CONTEXT_S))

    def finish(self, frames: int) -> Activation:
        """What the networks heard, [frames]; 0 where there can be no music."""
        if self._size > self._start_s * RATE_HZ:
            self._listen(-(-self._size // RATE_HZ))
        self._collect(0)
        self._pool.shutdown()
        beats, downbeats = np.zeros(frames, np.float32), np.zeros(frames, np.float32)
        for first, part in self._heard:
            kept = part.part(0, max(0, frames - first))
            beats[first : first + len(kept.beats)] = kept.beats
            downbeats[first : first + len(kept.beats)] = kept.downbeats
        return Activation(beats, downbeats, _HIT_ODDS)

    def _listen(self, end_s: int) -> None:
        if not self._may_hold_music(self._start_s, end_s):
            return
        sound = self._joined()[: (end_s + _CONTEXT_S - self._held_start_s) * RATE_HZ]
        first, end = ((time_s - self._held_start_s) * FRAME_RATE for time_s in (self._start_s, end_s))
        self._collect(_MOST_WAITING - 1)
        future = self._pool.submit(_hear, sound, first, end)
        self._waiting.append((self._start_s * FRAME_RATE, future))

    def _collect(self, most_waiting: int) -> None:
        while len(self._waiting) > most_waiting:
            first, future = self._waiting.popleft()
            self._heard.append((first, future.result()))

    def _forget(self, until_s: int) -> None:
        self._held = [self._joined()[(until_s - self._held_start_s) * RATE_HZ :]]
        self._held_start_s = until_s

    def _joined(self) -> Samples:
        """What is held, in one piece, of which others may be parts."""
        if len(self._held) > 1:
            self._held = [np.concatenate(self._held)]
        return self._held[0]


def _hear(sound: Samples, first: int, end: int) -> Activation:
    activation = hear_beats(beat_spectra(sound)).part(first, end)
    give_back_freed()
    return activation
