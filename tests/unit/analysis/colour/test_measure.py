import numpy as np
import pytest

from clipzy_server.analysis.colour.measure import measure_colour
from clipzy_server.analysis.colour.thumbs import MAX_FRAMES, Thumbs, picture_box, read_colors
from clipzy_server.domain.codec import to_json
from clipzy_server.domain.color_scale import GRADE_FIELDS
from clipzy_server.domain.oklab import planes_from_rgb
from clipzy_server.domain.style import ColorGrade

HEIGHT, WIDTH, RATE = 54, 96, 24


def scene(seed: int, frames: int = 12) -> np.ndarray:
    """A moving picture of soft coloured patches over the whole range of lightness, RGB float [n, h, w, 3]."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    light = 0.15 + 0.7 * (x / WIDTH)
    shown = []
    places = rng.uniform(0, 1, (9, 2)) * (HEIGHT, WIDTH)
    colours = rng.normal(0, 0.12, (9, 3))
    for k in range(frames):
        picture = np.repeat(light[..., None], 3, axis=2)
        for (row, column), colour in zip(places, colours, strict=True):
            picture = picture + np.exp(-((y - row) ** 2 + (x - column - k) ** 2) / 160)[..., None] * colour
        shown.append(picture)
    return np.clip(np.array(shown), 0.02, 0.98)


def thumbs_of(rgb: np.ndarray) -> Thumbs:
    planes = planes_from_rgb(rgb.astype(np.float32))
    half = planes.reshape(len(rgb), HEIGHT // 2, 2, WIDTH // 2, 2, 3).mean(axis=(2, 4))
    y, u, v = (np.rint(plane).clip(0, 255).astype(np.uint8) for plane in (planes[..., 0], half[..., 1], half[..., 2]))
    return Thumbs(np.arange(len(rgb)) / RATE, y, u, v)


def gains(stops: tuple[float, float, float]):
    """Light of the three channels multiplied, in display values of an exact power of 2.2."""
    return lambda rgb: np.clip(rgb * 2 ** (np.array(stops) / 2.2), 0, 1)


def more_colour(factor: float):
    luma = np.array([0.2126, 0.7152, 0.0722])
    return lambda rgb: np.clip((grey := (rgb @ luma)[..., None]) + factor * (rgb - grey), 0, 1)


def bent(slope: float):
    return lambda rgb: np.where(rgb < 0.5, 0.5 * (2 * rgb) ** slope, 1 - 0.5 * (2 - 2 * rgb) ** slope)


def raised(centre: float, amount: float):
    return lambda rgb: np.clip(rgb + amount * np.exp(-((rgb - centre) ** 2) / 0.05), 0, 1)


CHANGES = {
    "temperature": [gains((s, 0, -s)) for s in (-0.3, 0, 0.3)],
    "tint": [gains((s, -s, s)) for s in (-0.15, 0, 0.15)],
    "saturation": [more_colour(f) for f in (0.5, 1, 1.6)],
    "contrast": [bent(s) for s in (0.7, 1, 1.5)],
    "highlights": [raised(0.8, s) for s in (-0.1, 0, 0.1)],
    "shadows": [raised(0.2, s) for s in (-0.1, 0, 0.1)],
}


def numbers(grade: ColorGrade) -> np.ndarray:
    return np.array([getattr(grade, name) for name in GRADE_FIELDS])


@pytest.mark.parametrize("name", GRADE_FIELDS)
@pytest.mark.parametrize("seed", [1, 2])
def test_each_number_follows_its_own_control(name, seed):
    found = [numbers(measure_colour(thumbs_of(change(scene(seed)))).grade) for change in CHANGES[name]]
    own = GRADE_FIELDS.index(name)
    assert found[0][own] < found[1][own] - 5
    assert found[1][own] + 5 < found[2][own]


@pytest.mark.parametrize("name", ["temperature", "tint", "saturation"])
def test_a_change_of_colour_hardly_moves_the_other_numbers(name):
    low, _, high = (numbers(measure_colour(thumbs_of(change(scene(3)))).grade) for change in CHANGES[name])
    moved = np.abs(high - low)
    assert np.delete(moved, GRADE_FIELDS.index(name)).max() < 0.35 * moved[GRADE_FIELDS.index(name)]


def test_grey_pictures_are_neutral_colourless_and_not_trusted():
    grey = np.repeat(scene(1).mean(axis=-1, keepdims=True), 3, axis=-1)
    measure = measure_colour(thumbs_of(grey))
    assert measure.grade.saturation < -90
    assert abs(measure.grade.tint) < 2
    assert max(measure.confidence[name] for name in ("temperature", "tint", "saturation")) < 0.2


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_blank_video_has_numbers_in_range_and_no_confidence(level):
    measure = measure_colour(thumbs_of(np.full((8, HEIGHT, WIDTH, 3), level)))
    assert np.isfinite(numbers(measure.grade)).all()
    assert np.abs(numbers(measure.grade)).max() <= 100
    assert max(measure.confidence.values()) < 0.05


def test_black_bars_and_blank_frames_do_not_count():
    open_picture = scene(1, 8)
    barred = np.zeros((12, HEIGHT, WIDTH, 3))
    barred[2:10, 8:46] = open_picture[:, 8:46]
    plain = thumbs_of(open_picture)
    inside = Thumbs(plain.times, plain.y[:, 9:45], plain.u[:, 4:23], plain.v[:, 4:23])
    colors = read_colors(thumbs_of(barred))
    assert list(colors.frames) == list(range(2, 10))
    wanted = numbers(measure_colour(Thumbs(plain.times, plain.y[:, 10:44], plain.u[:, 5:22], plain.v[:, 5:22])).grade)
    assert inside.y.shape[1] == 36
    assert np.abs(numbers(measure_colour(thumbs_of(barred)).grade) - wanted).max() < 3


def test_titles_on_one_tone_do_not_count_beside_pictures():
    card = np.zeros((6, HEIGHT, WIDTH, 3))
    card[:, 24:30, 20:76] = 1.0
    both = np.concatenate([card, scene(1, 8), card])
    assert list(read_colors(thumbs_of(both)).frames) == list(range(6, 14))
    assert len(read_colors(thumbs_of(card)).frames) == 6


def test_the_picture_box_lies_inside_the_bars():
    luma = np.full((3, HEIGHT, WIDTH), 16, np.uint8)
    luma[:, 10:40, 20:70] = 120
    top, bottom, left, right = picture_box(luma)
    assert (top, bottom, left, right) == (11, 39, 21, 69)


def test_long_videos_are_sampled_evenly():
    frames = np.repeat(scene(1, 2), 200, axis=0)
    colors = read_colors(thumbs_of(frames))
    assert len(colors.frames) == MAX_FRAMES
    assert colors.frames[0] == 0
    assert colors.frames[-1] == 399


def test_a_look_is_small_and_keeps_mean_and_spread():
    thumbs = thumbs_of(scene(4))
    look = measure_colour(thumbs).look
    assert len(to_json(look)) <= 16 * 1024
    colors = np.array([(c.l, c.a, c.b) for c in look.colors])
    weights = np.array([c.weight for c in look.colors])
    pixels = read_colors(thumbs).lab.reshape(-1, 3)
    mean = weights @ colors / weights.sum()
    assert np.abs(mean - pixels.mean(axis=0)).max() < 0.005
    assert np.allclose(np.sqrt(weights @ (colors - mean) ** 2), pixels.std(axis=0), rtol=0.05)
    assert np.all(np.diff(look.lightness) >= 0)


def test_the_palette_names_the_colours_of_a_flag():
    flag = np.zeros((4, HEIGHT, WIDTH, 3))
    flag[..., :48, :] = (0.9, 0.1, 0.1)
    flag[..., 48:72, :] = (0.1, 0.2, 0.8)
    flag[..., 72:, :] = (0.9, 0.9, 0.9)
    palette = measure_colour(thumbs_of(flag)).palette
    assert [round(entry.share, 2) for entry in palette] == [0.5, 0.25, 0.25]
    assert palette[0].color[1:3] > "d0"
    assert sum(entry.share for entry in palette) == pytest.approx(1)


def test_the_same_frames_give_the_same_measure():
    thumbs = thumbs_of(scene(5))
    one, two = measure_colour(thumbs), measure_colour(thumbs)
    assert to_json(one.look) == to_json(two.look)
    assert one.grade == two.grade
    assert one.confidence == two.confidence


def test_confidence_falls_with_noise_and_with_a_look_that_changes_halfway():
    steady = scene(6, 48)
    noisy = np.clip(steady + np.random.default_rng(1).normal(0, 0.1, steady.shape), 0, 1)
    torn = np.concatenate([gains((-0.4, 0, 0.4))(steady[:24]), gains((0.4, 0, -0.4))(steady[24:])])
    trust = [measure_colour(thumbs_of(frames)).confidence["temperature"] for frames in (steady, noisy, torn)]
    assert trust[1] < 0.5 * trust[0]
    assert trust[2] < 0.5 * trust[0]


def test_no_frame_is_an_error():
    with pytest.raises(ValueError, match="no frame"):
        measure_colour(thumbs_of(scene(1)), [])
