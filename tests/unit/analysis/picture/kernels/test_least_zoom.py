import numpy as np

from clipzy_server.analysis.picture.kernels.least_zoom import least_zoom

RNG = np.random.default_rng(7)


def apart(some, others):
    return ((some[:, None] - others) ** 2).sum(axis=2).astype(np.float32)


def test_the_best_mixture_of_any_pair_counts_for_each_frame() -> None:
    frames, olds, news = RNG.uniform(-100, 100, (3, 5, 40))
    near, far = np.array([0, 2, 4]), np.array([4, 2, 1])
    shares = np.linspace(0, 1, 20001)[:, None]
    # |F − (A + s (B − A))|² with the products taken once.
    squares = [
        [((one - old) ** 2).sum() - 2 * shares * ((one - old) @ (new - old)) + shares**2 * ((new - old) ** 2).sum()
         for old, new in zip(olds[near], news[far], strict=True)]
        for one in frames
    ]  # fmt: skip
    expected = np.sqrt(np.min(squares, axis=(1, 2, 3))).sum()
    found = least_zoom(apart(frames, olds), apart(frames, news), apart(olds, news), near, far)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_a_mixture_costs_nothing_and_two_equal_pictures_are_one() -> None:
    old, new = RNG.uniform(-100, 100, (2, 1, 40))
    only = np.array([0])
    mixed = old + 0.3 * (new - old)
    assert least_zoom(apart(mixed, old), apart(mixed, new), apart(old, new), only, only) < 0.1
    np.testing.assert_allclose(
        least_zoom(apart(new, old), apart(new, old), apart(old, old), only, only), np.linalg.norm(new - old), rtol=1e-4
    )
