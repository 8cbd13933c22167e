import numpy as np
import pytest

from clipzy_server.analysis.picture.kernels.reduce import average_blocks


@pytest.mark.parametrize("factor", [1, 2, 3, 4, 5, 8, 16])
def test_each_value_is_the_mean_of_its_block(factor: int) -> None:
    plane = np.random.default_rng(factor).integers(0, 256, (70, 131), np.uint8)
    plane[: 2 * factor] = 255
    rows, columns = (side // factor for side in plane.shape)
    out = np.empty((rows, columns), np.float32)
    average_blocks(plane, factor, out)
    blocks = plane[: rows * factor, : columns * factor].reshape(rows, factor, columns, factor)
    assert out == pytest.approx(blocks.mean(axis=(1, 3)), rel=1e-6)
