import numpy as np
import pytest

from clipzy_server.analysis.picture.kernels.magnify import magnify

HEIGHT, WIDTH = 6, 9
ROWS, COLUMNS = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)


def magnified(picture, scale):
    out = np.empty((1, *picture.shape), np.float32)
    magnify(np.ascontiguousarray(picture), np.array([float(scale)]), out)
    return out[0]


def test_at_its_own_size_a_picture_stays_as_it_is():
    picture = np.random.default_rng(1).uniform(0, 255, (3, HEIGHT, WIDTH)).astype(np.float32)
    np.testing.assert_array_equal(magnified(picture, 1), picture)


@pytest.mark.parametrize("scale", [1.5, 2, 4])
def test_what_rises_evenly_rises_more_slowly_about_the_centre(scale):
    made = magnified(np.stack([COLUMNS, ROWS]), scale)
    np.testing.assert_allclose(made[0], (COLUMNS - (WIDTH - 1) / 2) / scale + (WIDTH - 1) / 2, atol=1e-5)
    np.testing.assert_allclose(made[1], (ROWS - (HEIGHT - 1) / 2) / scale + (HEIGHT - 1) / 2, atol=1e-5)


def test_beyond_the_edges_it_is_mirrored():
    row = magnified(COLUMNS[None], 0.5)[0, 0]
    np.testing.assert_allclose(row, [4, 2, 0, 2, 4, 6, 8, 6, 4], atol=1e-5)
