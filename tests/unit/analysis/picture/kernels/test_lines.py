import numpy as np

from clipzy_server.analysis.picture.kernels.lines import measure_range


def test_the_lowest_and_highest_of_every_row_and_column_are_found() -> None:
    picture = np.random.default_rng(4).uniform(0, 255, (23, 37)).astype(np.float32)
    picture[5, 7], picture[20] = 0, 255
    rows, columns = np.empty((2, 23), np.float32), np.empty((2, 37), np.float32)
    measure_range(picture, rows, columns)
    assert np.array_equal(rows, [picture.min(axis=1), picture.max(axis=1)])
    assert np.array_equal(columns, [picture.min(axis=0), picture.max(axis=0)])
