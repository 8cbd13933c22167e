import numpy as np

from clipzy_server.analysis.picture.kernels.mixture_sums import mixture_sums

RNG = np.random.default_rng(5)


def test_sums_of_rows_and_columns_are_those_of_the_weighed_products() -> None:
    frames, olds, news = RNG.uniform(0, 255, (3, 4, 3, 5, 7)).astype(np.float32)
    weights = RNG.uniform(0, 1, (4, 5, 7)).astype(np.float32)
    for old in (olds, olds[:1].copy()):
        of_columns, of_rows = np.empty((3, 4, 7)), np.empty((3, 4, 5))
        mixture_sums(frames, old, news, weights, of_columns, of_rows)
        off, way = frames - old, news - old
        expected = [(weights[:, None] * product).sum(axis=1) for product in (off * off, off * way, way * way)]
        np.testing.assert_allclose(of_columns, [product.sum(axis=1) for product in expected], rtol=1e-5, atol=1)
        np.testing.assert_allclose(of_rows, [product.sum(axis=2) for product in expected], rtol=1e-5, atol=1)
