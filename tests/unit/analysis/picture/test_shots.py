from fractions import Fraction

import numpy as np
import pytest

from clipzy_server.analysis.picture.feature_pass import measure_features
from clipzy_server.analysis.picture.shots import cut_frequency, find_shots
from clipzy_server.domain.style import Easing, TransitionType
from clipzy_server.media.frames import Frame
from tests.unit.media.clips import scene

RATE = 25
CURVES = {
    Easing.LINEAR: lambda t: t,
    Easing.EASE_IN: lambda t: t**3,
    Easing.EASE_OUT: lambda t: 1 - (1 - t) ** 3,
    Easing.EASE_IN_OUT: lambda t: 4 * t**3 if t < 0.5 else 1 - 4 * (1 - t) ** 3,
}


def css_ease_in_out(t):
    """cubic-bezier(0.42, 0, 0.58, 1) of CSS Easing Functions."""
    u = np.linspace(0, 1, 1000)
    return np.interp(t, 1.26 * u * (1 - u) ** 2 + 1.74 * u * u * (1 - u) + u**3, 3 * u * u * (1 - u) + u**3)


def luma(seed):
    return 16 + scene(seed)[..., 1].astype(np.float32) * 219 / 255


def frames_of(pictures, rate=RATE):
    """Frames of luma pictures with a little noise, as a decoder would give them."""
    rng = np.random.default_rng(7)
    grey = np.full((45, 80), 128, np.uint8)
    for number, picture in enumerate(pictures):
        y = np.clip(picture + rng.normal(0, 1.5, picture.shape), 0, 255).astype(np.uint8)
        yield Frame(Fraction(number, rate), y, grey, grey)


def shots_of(pictures, folder, rate=RATE):
    pictures = list(pictures)
    features = measure_features(frames_of(pictures, rate), folder, len(pictures) / rate, lambda _: None)
    return find_shots(features)


def panned(seed, count, speed=1):
    wide = np.concatenate([luma(seed), luma(seed)[:, ::-1]], axis=1)
    return [wide[:, n * speed : n * speed + 160] for n in range(count)]


def blended(kind, old, new, p):
    width = old.shape[1]
    edge = round(p * width)
    if kind is TransitionType.DISSOLVE:
        return old * (1 - p) + new * p
    if kind is TransitionType.FADE:
        return 16 + (old - 16) * (1 - 2 * p) if p < 0.5 else 16 + (new - 16) * (2 * p - 1)
    if kind is TransitionType.WIPE:
        return np.concatenate([new[:, :edge], old[:, edge:]], axis=1)
    return np.concatenate([old[:, edge:], new[:, :edge]], axis=1)


def joined(kind, curve, span, alone=30):
    old, new = luma(1), luma(2)
    between = [blended(kind, old, new, curve(k / span)) for k in range(1, span)]
    return [old] * alone + between + [new] * alone


def test_hard_cuts_are_found_to_the_frame(tmp_path):
    shots = shots_of(panned(1, 20) + panned(2, 11) + panned(3, 30), tmp_path)
    assert [shot.first_frame for shot in shots] == [0, 20, 31]
    assert [shot.join.type for shot in shots[1:]] == [TransitionType.CUT] * 2
    assert [shot.join.duration_s for shot in shots[1:]] == [0.0, 0.0]
    assert shots[0].join is None
    assert shots[-1].end_frame == 61


def test_a_mixed_frame_between_two_scenes_leaves_one_cut(tmp_path):
    old, new = panned(1, 31), panned(2, 30)
    shots = shots_of([*old[:30], (old[30] + new[0]) / 2, *new], tmp_path)
    assert [(shot.first_frame, shot.join and shot.join.type) for shot in shots] == [(0, None), (31, TransitionType.CUT)]


# Every kind and every easing twice, not all pairs: each clip takes a second.
@pytest.mark.parametrize(
    ("kind", "easing"),
    [
        (TransitionType.DISSOLVE, Easing.LINEAR),
        (TransitionType.DISSOLVE, Easing.EASE_IN),
        (TransitionType.FADE, Easing.EASE_OUT),
        (TransitionType.FADE, Easing.EASE_IN_OUT),
        (TransitionType.WIPE, Easing.LINEAR),
        (TransitionType.WIPE, Easing.EASE_OUT),
        (TransitionType.SLIDE, Easing.EASE_IN),
        (TransitionType.SLIDE, Easing.EASE_IN_OUT),
    ],
)
def test_gradual_joins_have_their_kind_extent_and_easing(tmp_path, kind, easing):
    shots = shots_of(joined(kind, CURVES[easing], 15), tmp_path)
    assert len(shots) == 2
    join = shots[1].join
    assert (join.type, join.easing) == (kind, easing)
    assert join.start_s == pytest.approx(29 / RATE, abs=1.5 / RATE)
    assert join.duration_s == pytest.approx(15 / RATE, abs=2.5 / RATE)
    assert shots[1].start_s == pytest.approx(join.start_s + join.duration_s / 2)


@pytest.mark.parametrize("kind", [TransitionType.DISSOLVE, TransitionType.WIPE])
def test_an_ease_gentler_than_the_cubic_has_its_name_and_its_own_extent(tmp_path, kind):
    shots = shots_of(joined(kind, css_ease_in_out, 18), tmp_path)
    assert [shot.join.easing for shot in shots[1:]] == [Easing.EASE_IN_OUT]
    assert shots[1].join.duration_s == pytest.approx(18 / RATE, abs=2.5 / RATE)


def test_a_long_wipe_between_moving_shots_is_read_to_its_end(tmp_path):
    count, alone, span = 119, 45, 30
    progress = [np.clip((n - alone + 1) / span, 0, 1) for n in range(count)]
    both = zip(panned(1, count), panned(2, count), progress, strict=True)
    curve = CURVES[Easing.EASE_OUT]
    shots = shots_of((blended(TransitionType.WIPE, old, new, curve(t)) for old, new, t in both), tmp_path)
    assert [(shot.join.type, shot.join.easing) for shot in shots[1:]] == [(TransitionType.WIPE, Easing.EASE_OUT)]
    assert shots[1].join.duration_s == pytest.approx(span / RATE, abs=2.5 / RATE)


@pytest.mark.parametrize("hold", [0, 20])
def test_a_long_fade_is_one_whatever_black_it_holds(tmp_path, hold):
    out = [16 + (luma(1) - 16) * (1 - k / 28) for k in range(1, 28)]
    into = [16 + (luma(2) - 16) * k / 28 for k in range(1, 28)]
    black = [np.full((90, 160), 16, np.float32)] * (1 + hold)
    shots = shots_of([luma(1)] * 30 + out + black + into + [luma(2)] * 30, tmp_path)
    assert [shot.join.type for shot in shots[1:]] == [TransitionType.FADE]
    assert shots[1].join.start_s == pytest.approx(29 / RATE, abs=3 / RATE)
    assert shots[1].join.duration_s == pytest.approx((56 + hold) / RATE, abs=5 / RATE)


@pytest.mark.parametrize("kind", [TransitionType.DISSOLVE, TransitionType.FADE])
def test_bars_hide_no_join_of_faint_pictures(tmp_path, kind):
    pictures = [16 + (picture - 16) * 0.4 for picture in joined(kind, CURVES[Easing.LINEAR], 20)]
    for picture in pictures:
        picture[:20] = picture[-20:] = 16
    shots = shots_of(pictures, tmp_path)
    assert [shot.join.type for shot in shots[1:]] == [kind]


def test_transitions_that_follow_each_other_soon_are_all_found(tmp_path):
    pictures = joined(TransitionType.SLIDE, CURVES[Easing.LINEAR], 10, alone=16)[:-16]
    back = joined(TransitionType.WIPE, CURVES[Easing.LINEAR], 10, alone=16)[::-1]
    shots = shots_of(pictures + back, tmp_path)
    assert [shot.join.type for shot in shots[1:]] == [TransitionType.SLIDE, TransitionType.WIPE]


def test_a_cut_between_moving_shots_is_a_cut_at_sixty_frames_a_second(tmp_path):
    shots = shots_of(panned(1, 50) + panned(2, 50), tmp_path, 60)
    assert [(shot.first_frame, shot.join and shot.join.type) for shot in shots] == [(0, None), (50, TransitionType.CUT)]


def test_something_large_that_crosses_the_picture_changes_no_shot(tmp_path):
    pictures = []
    for k in range(31):
        wide = np.pad(luma(1), ((0, 0), (90, 90)))
        wide[15:85, 8 * k : 8 * k + 90] = luma(2)[15:85, :90]
        pictures.append(wide[:, 90:250])
    assert len(shots_of(pictures, tmp_path)) == 1


def magnified(picture, scale):
    rows, columns = (np.clip((np.arange(n) + 0.5 - n / 2) / scale + n / 2, 0, n - 1).astype(int) for n in picture.shape)
    return picture[rows][:, columns]


def test_a_flight_into_one_picture_and_out_of_another_is_a_zoom(tmp_path):
    def between(p):
        return magnified(luma(1), 1 + 2 * p) if p < 0.5 else magnified(luma(2), 3 - 2 * p)

    pictures = [luma(1)] * 30 + [between(k / 15) for k in range(1, 15)] + [luma(2)] * 30
    shots = shots_of(pictures, tmp_path)
    assert [(shot.join.type, shot.join.easing) for shot in shots[1:]] == [(TransitionType.ZOOM, Easing.LINEAR)]
    assert shots[1].join.start_s == pytest.approx(29 / RATE, abs=1.5 / RATE)
    assert shots[1].join.duration_s == pytest.approx(15 / RATE, abs=2.5 / RATE)


def flown(old, new, p):
    """Into the old picture; the new one grows from half its size and takes over half way."""
    share = np.clip((p - 0.35) / 0.3, 0, 1)
    near = np.pad(new, ((90, 90), (160, 160)), "symmetric")
    return magnified(old, 1 + 2 * p) * (1 - share) + magnified(near, 0.5 + 0.5 * p)[90:180, 160:320] * share


def covered(old, new, p):
    picture = old.copy()
    edge = round(p * old.shape[1])
    picture[:, old.shape[1] - edge :] = new[:, :edge]
    return picture


@pytest.mark.parametrize(
    ("seeds", "easing", "length"),
    [
        ((1, 2), Easing.EASE_OUT, 6),
        ((1, 2), Easing.EASE_IN_OUT, 4),
        ((3, 4), Easing.EASE_IN, 4),
        ((5, 6), Easing.EASE_OUT, 5),
    ],
)
def test_a_zoom_of_a_few_frames_is_no_cut(tmp_path, seeds, easing, length):
    old, new = luma(seeds[0]), luma(seeds[1])
    between = [flown(old, new, CURVES[easing](k / length)) for k in range(1, length)]
    shots = shots_of([old] * 30 + between + [new] * 30, tmp_path)
    assert [(shot.join.type, shot.join.easing) for shot in shots[1:]] == [(TransitionType.ZOOM, easing)]


@pytest.mark.parametrize(("seeds", "length"), [((3, 4), 4), ((5, 6), 5)])
def test_a_slide_of_which_the_last_step_is_nearly_all_is_no_cut(tmp_path, seeds, length):
    old, new = luma(seeds[0]), luma(seeds[1])
    between = [covered(old, new, CURVES[Easing.EASE_IN](k / length)) for k in range(1, length)]
    shots = shots_of([old] * 30 + between + [new] * 30, tmp_path)
    assert [(shot.join.type, shot.join.easing) for shot in shots[1:]] == [(TransitionType.SLIDE, Easing.EASE_IN)]


@pytest.mark.parametrize("speed", [0.005, 0.03])
def test_a_cut_between_shots_with_a_zooming_camera_is_one(tmp_path, speed):
    pictures = [magnified(luma(seed), 1 + speed * k) for seed in (1, 2) for k in range(30)]
    assert [shot.join.type for shot in shots_of(pictures, tmp_path)[1:]] == [TransitionType.CUT]


def test_a_wipe_between_scenes_with_the_same_ground_is_one(tmp_path):
    pictures = joined(TransitionType.WIPE, CURVES[Easing.LINEAR], 15)
    for picture in pictures:
        picture[60:] = 120
    assert [shot.join.type for shot in shots_of(pictures, tmp_path)[1:]] == [TransitionType.WIPE]


def test_a_camera_that_zooms_in_fast_changes_no_shot(tmp_path):
    pictures = [magnified(luma(1), 1 + 1.5 * min(max(k - 30, 0) / 12, 1)) for k in range(75)]
    assert len(shots_of(pictures, tmp_path)) == 1


def test_a_title_that_fades_in_changes_no_shot(tmp_path):
    pictures = panned(1, 75)
    for k in range(25, 75):
        share = min(1, (k - 25) / 15)
        pictures[k] = pictures[k].copy()
        pictures[k][30:60, 30:130:2] += share * (225 - pictures[k][30:60, 30:130:2])
    assert len(shots_of(pictures, tmp_path)) == 1


def test_fog_that_lifts_from_a_moving_scene_changes_no_shot(tmp_path):
    depth = np.linspace(0.04, 0.13, 90, dtype=np.float32)[:, None]
    pictures = []
    for k, picture in enumerate(panned(1, 75)):
        clear = depth + (0.95 - depth) * np.clip((k - 12) / 20, 0, 1)
        pictures.append(170 + clear * (picture - 170))
    assert len(shots_of(pictures, tmp_path)) == 1


def test_a_scene_that_is_never_seen_alone_is_none(tmp_path):
    mixed = joined(TransitionType.DISSOLVE, CURVES[Easing.LINEAR], 20, alone=1)[:-1] + [luma(2)] * 30
    assert len(shots_of(mixed, tmp_path / "alone")) == 1
    shots = shots_of(panned(3, 30) + mixed, tmp_path / "cut")
    assert [(shot.first_frame, shot.join and shot.join.type) for shot in shots] == [(0, None), (30, TransitionType.CUT)]


def test_a_video_may_end_with_a_dissolve(tmp_path):
    pictures = joined(TransitionType.DISSOLVE, CURVES[Easing.LINEAR], 20, alone=30)
    shots = shots_of(pictures[: 30 + 20 + 1], tmp_path)
    assert [shot.join and shot.join.type for shot in shots] == [None, TransitionType.DISSOLVE]


@pytest.mark.parametrize("gain", [0.5, 1.4])
def test_light_that_changes_slowly_changes_no_shot(tmp_path, gain):
    pictures = [16 + (luma(1) - 16) * (1 + (gain - 1) * min(1, max(0, k - 25) / 15)) for k in range(75)]
    assert len(shots_of(pictures, tmp_path)) == 1


def test_an_exposure_that_follows_what_drives_through_changes_no_shot(tmp_path):
    road, car = 100 + luma(1) / 12, luma(2)[:60, :45]
    pictures = []
    for k in range(75):
        dimmed = np.clip((k - 20) / 25, 0, 1) - np.clip((k - 50) / 20, 0, 0.5)
        picture = np.pad(road - 32 * dimmed, ((0, 0), (60, 60)))
        at = 4 * k - 60
        if 0 <= at <= 235:
            picture[15:75, at : at + 45] = car
        pictures.append(picture[:, 60:220])
    assert len(shots_of(pictures, tmp_path)) == 1


def test_a_moving_camera_changes_no_shot(tmp_path):
    assert len(shots_of(panned(1, 70, 2), tmp_path)) == 1


@pytest.mark.parametrize(("way", "span"), [(210, 12), (280, 16)])
def test_a_camera_that_is_torn_round_by_more_than_a_width_changes_no_shot(tmp_path, way, span):
    wide = np.concatenate([luma(seed) for seed in (1, 2, 3)], axis=1)
    pictures = []
    for k in range(75):
        t = np.clip((k - 30) / span, 0, 1)
        whole, part = divmod(np.float32(way * t * t * (3 - 2 * t)), 1)
        left, right = (wide[:, int(whole) + n : int(whole) + n + 160] for n in (0, 1))
        pictures.append(left * (1 - part) + right * part)
    assert len(shots_of(pictures, tmp_path)) == 1


def test_flashes_change_no_shot(tmp_path):
    pictures = panned(1, 60)
    for at in (15, 16, 40):
        pictures[at] = np.clip(pictures[at] * 1.8 + 60, 0, 235)
    assert len(shots_of(pictures, tmp_path)) == 1


@pytest.mark.parametrize("powers", [(0.2, 1.0, 0.5), (0.5, 0.2, 1.0), (1.0, 0.2)])
def test_flashes_that_come_and_go_change_no_shot(tmp_path, powers):
    pictures = panned(1, 60, 0)
    for at in (15, 40):
        for k, power in enumerate(powers, start=at):
            pictures[k] = np.clip(pictures[k] * (1 + power) + 90 * power, 0, 235)
    assert len(shots_of(pictures, tmp_path)) == 1


@pytest.mark.parametrize("fading", [1, 8])
def test_words_on_a_plain_scene_change_no_shot(tmp_path, fading):
    plain = np.linspace(60, 120, 160, dtype=np.float32)[None].repeat(90, axis=0)
    words = np.zeros((90, 160), np.float32)
    words[30:38, 20:140] = words[44:52, 20:140] = np.arange(120) % 6 < 4
    shares = [0] * 20 + [k / fading for k in range(1, fading + 1)] + [1] * 20 + [0] * 20
    assert len(shots_of([plain + words * share * (230 - plain) for share in shares], tmp_path)) == 1


def test_an_opening_fade_is_the_first_shots_and_not_counted(tmp_path):
    black = np.full((90, 160), 16, np.float32)
    pictures = [black] * 10 + [16 + (luma(1) - 16) * k / 15 for k in range(1, 15)] + [luma(1)] * 40
    shots = shots_of(pictures, tmp_path)
    assert [shot.join.type for shot in shots] == [TransitionType.FADE]
    assert cut_frequency(shots, 2.5) == 0


@pytest.mark.parametrize("count", [1, 2, 5, 25])
def test_short_videos_are_one_shot(tmp_path, count):
    (shot,) = shots_of([luma(1)] * count, tmp_path)
    assert (shot.first_frame, shot.end_frame, shot.join) == (0, count, None)
    assert shot.end_s == pytest.approx(count / RATE)
