import pytest

from clipzy_server.domain.sound_scale import bass_boost, bass_index_db, lufs_of_level, normalization_level


@pytest.mark.parametrize(("lufs", "level"), [(-36, 0), (-6, 1), (-21, 0.5), (-60, 0), (0, 1), (None, 0)])
def test_level_is_linear_in_lufs(lufs, level):
    assert normalization_level(lufs) == pytest.approx(level)


@pytest.mark.parametrize("lufs", [-36.0, -23.0, -14.2, -6.0])
def test_level_reads_back(lufs):
    assert lufs_of_level(normalization_level(lufs)) == pytest.approx(lufs)


@pytest.mark.parametrize("index_db", [-30.0, -3.0, 3.0, 12.0, 30.0])
def test_bass_reads_back(index_db):
    assert bass_index_db(bass_boost(index_db)) == pytest.approx(index_db)


def test_silence_has_no_bass():
    assert bass_boost(None) == 0
    assert bass_index_db(0) is None
