import numpy as np

from clipzy_server.analysis.words.kernels.strokes import age, count_new


def test_strokes_are_known_until_they_were_not_steady_for_so_long() -> None:
    strokes, ages = np.array([[1, 0, 1, 0]], np.uint8), np.array([[2, 2, 4, 3]], np.uint8)
    age(strokes, ages, 4)
    assert ages.tolist() == [[0, 3, 4, 4]]


def test_each_cell_counts_its_own_steady_pixels_that_are_not_known() -> None:
    random = np.random.default_rng(0)
    steady, ages = random.integers(0, 2, (29, 50), np.uint8), random.integers(0, 5, (29, 50), np.uint8)
    cells = np.empty((4, 3), np.int32)
    count_new(steady, ages, 4, cells)
    expected = np.zeros_like(cells)
    for y, x in zip(*np.nonzero(steady & (ages == 4)), strict=True):
        expected[y * 4 // 29, x * 3 // 50] += 1
    assert cells.tolist() == expected.tolist()
