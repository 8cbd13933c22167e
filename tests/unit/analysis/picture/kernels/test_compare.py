import numpy as np
import pytest

from clipzy_server.analysis.picture.compare import STILL
from clipzy_server.analysis.picture.kernels.compare import BLOCK_PX, dissimilarity, structure_lost


@pytest.mark.parametrize("level", range(256))
def test_a_block_of_one_tone_as_in_a_blown_sky_hides_nothing_of_the_others(level):
    picture = np.random.default_rng(level).integers(0, 256, (54, 96)).astype(np.uint8)
    picture[:BLOCK_PX, : 4 * BLOCK_PX] = level
    other = np.random.default_rng(1000 + level).integers(0, 256, (54, 96)).astype(np.uint8)
    other[:BLOCK_PX, : 4 * BLOCK_PX] = level
    for measure in (dissimilarity, structure_lost):
        assert measure(picture, picture, STILL) < 0.2
        assert 0.5 < measure(picture, other, STILL) < 1


@pytest.mark.parametrize("level", [0, 16, 100, 235])
def test_pictures_of_one_tone_are_one_scene_however_they_are_rounded(level):
    picture = np.full((50, 70), level, np.uint8)
    assert dissimilarity(picture, picture, STILL) == 0
    assert structure_lost(picture, picture, STILL) == 1
