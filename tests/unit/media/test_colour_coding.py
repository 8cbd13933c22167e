from dataclasses import replace

import numpy as np
import pytest

from clipzy_server.media.colour_coding import (
    PLAIN,
    ColourTags,
    Matrix,
    Signal,
    Transfer,
    interpret,
    light_table,
    linear_step,
    roll_off,
    to_rgb_matrix,
)

UNSAID = ColourTags(2, 2, 2, 0)


def coded(rgb, signal):
    """Exact samples of R'G'B' 0…1 in a signal."""
    y, u, v = np.linalg.inv(to_rgb_matrix(signal.matrix)) @ rgb
    top, scale = 2**signal.bits - 1, 2.0 ** (signal.bits - 8)
    if signal.full_range:
        return y * top, u * top + (top + 1) / 2, v * top + (top + 1) / 2
    return (16 + 219 * y) * scale, (128 + 224 * u) * scale, (128 + 224 * v) * scale


def test_untagged_pictures_are_bt601_whatever_their_size_unless_their_primaries_say_more():
    assert interpret(UNSAID, 8).matrix is Matrix.BT601
    assert interpret(replace(UNSAID, primaries=1), 8) == PLAIN


@pytest.mark.parametrize("matrix", [Matrix.BT601, Matrix.BT709])
@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("bits", [8, 10])
def test_the_linear_step_gives_the_same_colour_in_the_plain_signal(matrix, full_range, bits):
    signal = Signal(matrix, Transfer.SDR, False, full_range, bits)
    for rgb in np.random.default_rng(1).uniform(0, 1, (20, 3)):
        y, u, v = coded(rgb, signal)
        k = linear_step(signal)
        u, v = u - 2 ** (bits - 1), v - 2 ** (bits - 1)
        made = k[0] * y + k[1] * u + k[2] * v + k[3], 128 + k[4] * u + k[5] * v, 128 + k[6] * u + k[7] * v
        np.testing.assert_allclose(made, coded(rgb, PLAIN), atol=1e-6)


def pq(nits):
    power = (nits / 10000) ** (2610 / 16384)
    return ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.75])
def test_pq_grey_below_the_knee_keeps_its_light_relative_to_203_nits(share):
    table = light_table(Signal(Matrix.BT2020, Transfer.PQ, True, False, 10))
    code = 64 + 876 * pq(203 * share)
    at = code / 1023 * (table.shape[0] - 1)
    low = int(at)
    middle = (table.shape[1] - 1) // 2
    y = np.array([table[low + k, middle, middle, 0] for k in (0, 1)]) @ [1 - at + low, at - low]
    assert y == pytest.approx(16 + 219 * share ** (1 / 2.4), abs=2.5)


def test_the_roll_off_keeps_order_and_hue_and_ends_at_one():
    light = np.linspace(0, 6, 200)[:, None] * np.array([1.0, 0.5, 0.25])
    rolled = roll_off(light)
    assert rolled.max() <= 1
    assert np.all(np.diff(rolled[:, 0]) >= -1e-12)
    np.testing.assert_allclose(rolled[1:, 1] / rolled[1:, 0], 0.5)
    np.testing.assert_allclose(rolled[light[:, 0] < 0.8], light[light[:, 0] < 0.8])
