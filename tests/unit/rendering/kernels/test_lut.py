import numpy as np

from clipzy_server.rendering.kernels.lut import TABLE_UNIT, apply_prism

CODES = np.arange(256)
NODES = 8 * np.arange(33)


def table_of(functions) -> np.ndarray:
    u, v, y = np.meshgrid(NODES, NODES, CODES, indexing="ij")
    return np.stack([np.rint(function(y, u, v) * TABLE_UNIT) for function in functions]).astype(np.int16)


def planes(seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, shape, dtype=np.uint8) for shape in ((32, 48), (16, 24), (16, 24))]


def identity():
    return table_of([lambda y, _u, _v: y, lambda _y, u, _v: u, lambda _y, _u, v: v])


def test_a_linear_map_is_exact_to_the_dither():
    table = table_of(
        [
            lambda y, u, v: 40 + 0.6 * y + 0.1 * u - 0.1 * v,
            lambda y, u, _v: 50 + 0.5 * u + 0.1 * y,
            lambda y, _u, v: 200 - 0.5 * v - 0.1 * y,
        ]
    )
    y, u, v = planes(1)
    before = [plane.astype(float) for plane in (y, u, v)]
    apply_prism(table, y, u, v)
    wide = [np.repeat(np.repeat(plane, 2, 0), 2, 1) for plane in before[1:]]
    mean = np.floor((before[0].reshape(16, 2, 24, 2).sum(axis=(1, 3)) + 2) / 4)
    wanted = [
        40 + 0.6 * before[0] + 0.1 * wide[0] - 0.1 * wide[1],
        50 + 0.5 * before[1] + 0.1 * mean,
        200 - 0.5 * before[2] - 0.1 * mean,
    ]
    for shown, exact in zip((y, u, v), wanted, strict=True):
        assert np.abs(shown - exact).max() < 1.05


def test_the_dither_keeps_the_mean_of_a_flat_area():
    table = table_of([lambda y, _u, _v: y + 0.4, lambda _y, u, _v: u + 0.25, lambda _y, _u, v: v])
    y, u, v = np.full((64, 64), 100, np.uint8), np.full((32, 32), 90, np.uint8), np.full((32, 32), 90, np.uint8)
    apply_prism(table, y, u, v)
    assert abs(y.mean() - 100.4) < 0.02
    assert abs(u.mean() - 90.25) < 0.02
    assert (v == 90).all()


def test_results_beyond_a_byte_are_held():
    table = table_of([lambda y, _u, _v: 2.0 * y - 100, lambda _y, u, _v: u - 60, lambda _y, _u, v: v + 90])
    y, u, v = planes(2)
    y[:2] = 20
    u[0] = 10
    v[0] = 250
    apply_prism(table, y, u, v)
    assert (y[:2] == 0).all()
    assert (u[0] == 0).all()
    assert (v[0] == 255).all()


def test_planes_with_gaps_between_rows_are_graded_in_place():
    whole = planes(3)
    wanted = [plane.copy() for plane in whole]
    table = identity()
    table[0] += 5 * TABLE_UNIT
    apply_prism(table, *wanted)
    padded = [np.zeros((plane.shape[0], plane.shape[1] + 16), np.uint8) for plane in whole]
    for room, plane in zip(padded, whole, strict=True):
        room[:, : plane.shape[1]] = plane
    apply_prism(table, *(room[:, : plane.shape[1]] for room, plane in zip(padded, whole, strict=True)))
    for room, plane in zip(padded, wanted, strict=True):
        assert np.array_equal(room[:, : plane.shape[1]], plane)
        assert (room[:, plane.shape[1] :] == 0).all()
