"""Cost of grading one 1080p frame, as a ratio to copying its planes; one thread, CPU time.

.venv/bin/python benchmarks/lut.py
"""

import time
from collections.abc import Callable

import numpy as np

from clipzy_server.rendering.grade import apply_grade, identity_cube, prism_of

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


def main() -> None:
    """Prints both costs and their ratio."""
    frame = planes()
    prism = prism_of(identity_cube())
    graded = [plane.copy() for plane in frame]
    copy_ms = best_ms(lambda: [plane.copy() for plane in frame])
    grade_ms = best_ms(lambda: apply_grade(prism, *graded))
    print(f"plane copy {copy_ms:.2f} ms, grade {grade_ms:.2f} ms, ratio {grade_ms / copy_ms:.1f}")


if __name__ == "__main__":
    main()
