import numpy as np

from clipzy_server.analysis.picture.kernels.squared_distances import squared_distances


def test_pictures_that_nearly_agree_keep_their_small_distance() -> None:
    others = np.random.default_rng(3).uniform(0, 255, (4, 3888)).astype(np.float32)
    some = np.concatenate([others[:1] + np.float32(0.0625), others[1:3]])
    found = np.empty((3, 4), np.float32)
    squared_distances(some, others, found)
    expected = ((some[:, None].astype(np.float64) - others) ** 2).sum(axis=2)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
