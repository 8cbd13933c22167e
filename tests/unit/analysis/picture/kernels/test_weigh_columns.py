import numpy as np

from clipzy_server.analysis.picture.kernels.weigh_columns import weigh_columns

RNG = np.random.default_rng(5)


def test_the_product_with_a_pictures_columns_is_how_far_apart_all_columns_are() -> None:
    frames = RNG.uniform(0, 255, (2, 3, 5, 7)).astype(np.float32)
    other = RNG.uniform(0, 255, (3, 5, 7)).astype(np.float32)
    weights = RNG.uniform(0, 1, (2, 5, 7)).astype(np.float32)
    weighed = np.empty((2, 4 * 5 + 1, 7), np.float32)
    weigh_columns(frames, weights, np.float32(126), weighed)
    about = other - 126
    right = np.concatenate([about.reshape(15, 7), (about**2).sum(axis=0), np.ones((1, 7))])
    apart = weighed.swapaxes(1, 2) @ right
    expected = np.einsum("nhi,nphij->nij", weights, (frames[..., :, None] - other[None, ..., None, :]) ** 2)
    np.testing.assert_allclose(apart, expected, rtol=1e-4, atol=1)
