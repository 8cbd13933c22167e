"""How far two frames' thumbnails are apart."""

from dataclasses import replace

import numpy as np
import pytest

from clipzy_server.analysis.picture.compare import level_difference, share_kept, unmixed_share
from clipzy_server.analysis.picture.features import Features


@pytest.fixture
def features():
    """Three frames of noise, in thumbnails that are cut out of larger ones as inside bars."""
    random = np.random.default_rng(4)
    luma, blue, red = (random.integers(0, 256, (3, *size), np.uint8) for size in ((54, 96), (27, 48), (27, 48)))
    still = np.zeros((3, 6), np.float32)
    cut = luma[:, 4:-4, 2:-2], blue[:, 2:-2, 1:-1], red[:, 2:-2, 1:-1]
    return Features(np.arange(3) / 25, *cut, still, np.zeros(3, np.float32))


def test_levels_differ_by_luma_and_the_stronger_chroma(features):
    y, u, v = (
        np.abs(thumbs[0].astype(float) - thumbs[2]).mean()
        for thumbs in (features.thumb_y, features.thumb_u, features.thumb_v)
    )
    assert level_difference(features, 0, 2) == pytest.approx(y + max(u, v), rel=1e-12)
    assert level_difference(features, 1, 1) == 0


def test_two_scenes_keep_nothing_and_one_that_stays_all(features):
    assert share_kept(features, 0, 2) < 0.02
    assert share_kept(features, 1, 1) == 1


def test_what_is_laid_over_a_scene_leaves_the_rest(features):
    luma = features.thumb_y[[0, 0]].clip(50, 200)
    luma[1, :, :46] = 255 - luma[1, :, :46]
    worded = replace(features, thumb_y=luma, thumb_u=features.thumb_u[[0, 0]], thumb_v=features.thumb_v[[0, 0]])
    assert share_kept(worded, 0, 1) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("level", [16, 235])
def test_black_and_white_tell_nothing(features, level):
    luma = np.full_like(features.thumb_y, level)
    assert share_kept(replace(features, thumb_y=luma), 1, 1) == 0


@pytest.mark.parametrize("share", [0.2, 0.7])
def test_a_mixture_leaves_nothing_unmixed(features, share):
    one, other = features.thumb_y[0].astype(float), features.thumb_y[1]
    luma = np.stack([one, one + share * (other - one), other]).round().astype(np.uint8)
    assert unmixed_share(replace(features, thumb_y=luma), 0, 1, 2) < 0.001


def test_another_scene_is_hardly_a_mixture(features):
    assert unmixed_share(features, 0, 1, 2) > 0.7
    assert unmixed_share(features, 1, 1, 2) == 0
