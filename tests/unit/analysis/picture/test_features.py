import numpy as np
import pytest

from clipzy_server.analysis.picture.feature_pass import Reducer, thumb_size
from clipzy_server.analysis.picture.features import FRAMES_HELD, Features, FeatureWriter
from clipzy_server.analysis.picture.kernels.reduce import average_area, average_blocks, gradient_energy
from clipzy_server.media.colour_coding import Matrix, Signal, linear_step
from clipzy_server.media.frames import Frame
from clipzy_server.media.kernels.convert import apply_linear_step
from tests.mappings import kib_in_memory


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 1000])
def test_rows_written_one_by_one_are_read_as_one_array(tmp_path, count):
    rows = np.random.default_rng(count).integers(0, 255, (count + 1, 3, 4)).astype(np.uint8)
    with FeatureWriter(tmp_path) as writer:
        for row in rows:
            writer.append({"thumb": row})
    np.testing.assert_array_equal(np.load(tmp_path / "thumb.npy", mmap_mode="r"), rows)


def test_a_pass_over_a_long_video_lets_go_of_what_lies_behind(tmp_path):
    count = 8 * FRAMES_HELD
    with FeatureWriter(tmp_path) as writer:
        for number in range(count):
            row = {name: np.full((16, 128), number % 251, np.uint8) for name in ("thumb_y", "thumb_u", "thumb_v")}
            few = {"motion": np.zeros(6, np.float32), "sharpness": np.zeros((), np.float32)}
            writer.append(row | few | {"times": np.float64(number)})
    features, most_kib = Features.open(tmp_path), 0
    for frame in features.passing(3):
        assert features.thumb_y[frame].mean() == frame % 251
        if frame % 99 == 0:
            most_kib = max(most_kib, kib_in_memory(tmp_path / "thumb_y.npy"))
    # At both ends the kernel maps whole pieces of its cache.
    assert 0 < most_kib <= 2 * FRAMES_HELD + 2 * 256
    assert kib_in_memory(tmp_path / "thumb_y.npy") == 0


@pytest.mark.parametrize("factor", [1, 2, 3, 8])
def test_blocks_are_averaged(factor):
    plane = np.random.default_rng(1).integers(0, 256, (50, 70)).astype(np.uint8)
    rows, columns = 50 // factor, 70 // factor
    out = np.empty((rows, columns), np.float32)
    average_blocks(plane, factor, out)
    blocks = plane[: rows * factor, : columns * factor].reshape(rows, factor, columns, factor)
    np.testing.assert_allclose(out, blocks.mean(axis=(1, 3)), rtol=1e-6)


def shares(size, cells):
    """float[cells, size]: how much of each input pixel lies in each output cell."""
    edges = np.linspace(0, size, cells + 1)
    at = np.arange(size)
    inside = np.minimum(edges[1:, None], at + 1) - np.maximum(edges[:-1, None], at)
    return np.clip(inside, 0, None) * cells / size


def test_areas_are_averaged_with_shares_of_pixels():
    picture = np.random.default_rng(2).uniform(0, 255, (37, 53)).astype(np.float32)
    out = np.empty((10, 24), np.uint8)
    average_area(picture, out)
    np.testing.assert_allclose(out, shares(37, 10) @ picture @ shares(53, 24).T, atol=0.51)


def test_gradient_energy_is_the_root_mean_square_of_differences():
    picture = np.random.default_rng(3).uniform(0, 255, (20, 30)).astype(np.float32)
    right = np.diff(picture, axis=1)[:-1]
    below = np.diff(picture, axis=0)[:, :-1]
    wanted = np.sqrt((right**2 + below**2).mean() / 2)
    assert gradient_energy(picture) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize(
    ("size", "thumb"), [((1080, 1920), (54, 96)), ((640, 360), (96, 54)), ((2, 2), (2, 2)), ((64, 48), (64, 48))]
)
def test_thumbnails_keep_the_shape_and_are_even(size, thumb):
    assert thumb_size(*size) == thumb


@pytest.mark.parametrize("size", [(90, 160), (91, 163), (40, 30)])
def test_pictures_measured_as_they_are_coded_come_out_as_converted_ones(size):
    rng = np.random.default_rng(5)
    chroma = ((size[0] + 1) // 2, (size[1] + 1) // 2)
    planes = [rng.integers(60, 180, shape).astype(np.uint8) for shape in (size, chroma, chroma)]
    step = linear_step(Signal(Matrix.BT601, full_range=True))
    converted = [np.empty_like(plane) for plane in planes]
    apply_linear_step(*planes, step, 128, *converted)
    rows = [Reducer(*size).measure(frame) for frame in (Frame(0, *planes, step), Frame(0, *converted))]
    for name in ("thumb_y", "thumb_u", "thumb_v"):
        assert np.abs(rows[0][name].astype(int) - rows[1][name]).max() <= 1


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 97), (1080, 1920), (97, 3)])
def test_any_size_can_be_measured(size):
    chroma = ((size[0] + 1) // 2, (size[1] + 1) // 2)
    frame = Frame(0, np.full(size, 70, np.uint8), np.full(chroma, 80, np.uint8), np.full(chroma, 90, np.uint8))
    row = Reducer(*size).measure(frame)
    assert {name: float(row[name].mean()) for name in ("thumb_y", "thumb_u", "thumb_v", "sharpness")} == {
        "thumb_y": 70,
        "thumb_u": 80,
        "thumb_v": 90,
        "sharpness": 0,
    }
