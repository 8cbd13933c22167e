"""How far two frames' thumbnails are apart."""

import numpy as np
import pytest

from clipzy_server.analysis.picture.compare import level_difference
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
