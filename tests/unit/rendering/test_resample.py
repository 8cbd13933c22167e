"""Windows are cut out where they lie, without shift between luma and chroma."""

import numpy as np
import pytest

from clipzy_server.rendering.resample import Picture, Window, cut_out


def ramp(width, height):
    """Planes whose value tells the place of the sample in luma pixels: x in Y and U, y in V."""
    x = np.arange(width) * np.ones((height, 1), int)
    cx = 2 * np.arange(width // 2) * np.ones((height // 2, 1))
    cy = (2 * np.arange(height // 2) + 0.5)[:, None] * np.ones(width // 2)
    return (x + 20).astype(np.uint8), (cx + 20).astype(np.uint8), np.rint(cy + 20).astype(np.uint8)


def test_even_windows_of_the_same_size_are_copied_exactly():
    planes = tuple(
        np.random.default_rng(2).integers(0, 256, (h, w), np.uint8) for h, w in ((90, 160), (45, 80), (45, 80))
    )
    out = Picture.empty(60, 40)
    cut_out(planes, Window(30.0, 10.0, 60.0, 40.0), out)
    assert np.array_equal(out.y, planes[0][10:50, 30:90])
    assert np.array_equal(out.u, planes[1][5:25, 15:45])
    assert np.array_equal(out.v, planes[2][5:25, 15:45])


@pytest.mark.parametrize("window", [Window(30.5, 10.25, 60, 40), Window(20, 10, 90, 60), Window(50, 20, 30, 20)])
def test_luma_and_chroma_keep_their_places(window):
    out = Picture.empty(60, 40)
    cut_out(ramp(160, 90), window, out)
    step = window.width / 60
    inner = slice(4, -4)
    x = window.x + (np.arange(60) + 0.5) * step - 0.5
    assert np.abs(out.y[20, inner] - (x + 20)[inner]).max() <= 0.51
    chroma_x = window.x + (2 * np.arange(30) + 0.5) * step - 0.5
    assert np.abs(out.u[10, inner] - (chroma_x + 20)[inner]).max() <= 0.51
    chroma_y = window.y + (2 * np.arange(20) + 1) * step - 0.5
    assert np.abs(out.v[inner, 10] - (chroma_y + 20)[inner]).max() <= 1.01


def test_flat_pictures_stay_flat_at_the_edges():
    planes = tuple(np.full((h, w), 77, np.uint8) for h, w in ((90, 160), (45, 80), (45, 80)))
    out = Picture.empty(40, 22)
    cut_out(planes, Window(0, 0, 160, 90), out)
    assert all((plane == 77).all() for plane in out.planes)


def test_the_buffer_holds_the_planes_one_after_the_other():
    picture = Picture.empty(8, 4)
    for value, plane in enumerate(picture.planes):
        plane[:] = value
    assert picture.buffer.reshape(-1).tolist() == [0] * 32 + [1] * 8 + [2] * 8
