"""Cost of grading one 1080p frame by our table and by FFmpeg's `lut3d` on the same cube; CPU time of all threads."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from av.filter import Graph

from clipzy_server.rendering.grade import apply_grade, identity_cube, prism_of, write_cube

HEIGHT, WIDTH, FRAMES, REPEATS = 1080, 1920, 10, 5


def planes() -> list[np.ndarray]:
    """A frame of soft shapes with some noise, Y, U and V."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    luma = 120 + 70 * np.sin(x / 190) * np.cos(y / 130) + rng.normal(0, 2, (HEIGHT, WIDTH))
    blue = 128 + 30 * np.sin(x[::2, ::2] / 310) + rng.normal(0, 1, (HEIGHT // 2, WIDTH // 2))
    red = 128 + 30 * np.cos(y[::2, ::2] / 270) + rng.normal(0, 1, (HEIGHT // 2, WIDTH // 2))
    return [plane.round().clip(16, 235).astype(np.uint8) for plane in (luma, blue, red)]


def best_ms(work: Callable[[], object]) -> float:
    """Least CPU milliseconds of one call, over repeats of ten calls."""
    found = []
    for _ in range(REPEATS):
        begin = time.process_time()
        for _ in range(FRAMES):
            work()
        found.append((time.process_time() - begin) / FRAMES * 1000)
    return min(found)


def lut3d(cube: np.ndarray, frame: list[np.ndarray], folder: Path) -> Callable[[], object]:
    """FFmpeg's filter on the frame, 4:2:0 in and out, tetrahedra."""
    write_cube(cube, folder / "grade.cube")
    graph = Graph()
    source = graph.add_buffer(width=WIDTH, height=HEIGHT, format="yuv420p", time_base="1/30")
    grade = graph.add("lut3d", f"file={folder / 'grade.cube'}:interp=tetrahedral")
    shape = graph.add("format", "pix_fmts=yuv420p")
    sink = graph.add("buffersink")
    for one, other in ((source, grade), (grade, shape), (shape, sink)):
        one.link_to(other)
    graph.configure()
    flat = np.concatenate([plane.ravel() for plane in frame]).reshape(HEIGHT * 3 // 2, WIDTH)
    picture = av.VideoFrame.from_ndarray(flat, format="yuv420p")

    def once() -> object:
        graph.push(picture)
        return graph.pull()

    return once


def main() -> None:
    """Prints the costs, in Markdown."""
    frame = planes()
    cube = identity_cube() ** np.float32(1.2)
    prism = prism_of(cube)
    graded = [plane.copy() for plane in frame]
    costs = {
        "copy of the planes": best_ms(lambda: [plane.copy() for plane in frame]),
        "Clipzy's prism table": best_ms(lambda: apply_grade(prism, *graded)),
    }
    with tempfile.TemporaryDirectory() as scratch:
        costs["FFmpeg's lut3d"] = best_ms(lut3d(cube, frame, Path(scratch)))
    print("| 1080p frame | CPU ms |\n|---|---|")
    for name, cost_ms in costs.items():
        print(f"| {name} | {cost_ms:.1f} |")


if __name__ == "__main__":
    main()
