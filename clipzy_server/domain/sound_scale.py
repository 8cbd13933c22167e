"""The fixed scales of the sound's numbers, both ways. `docs/style-dna-sound.md` explains them."""

import math

LUFS_AT_0, LUFS_AT_1 = -36.0, -6.0
# bass_boost is a logistic curve over the bass index: 50 at +3 dB, steepest there, never flat, so that the order is kept
# even far outside and the index can be read back from the number.
BASS_MIDDLE_DB, BASS_STEEPNESS_DB = 3.0, 6.0


def normalization_level(integrated_lufs: float | None) -> float:
    """−36 LUFS is 0, −6 LUFS is 1, linear between; 0 without any loudness."""
    if integrated_lufs is None:
        return 0.0
    return min(1.0, max(0.0, (integrated_lufs - LUFS_AT_0) / (LUFS_AT_1 - LUFS_AT_0)))


def lufs_of_level(level: float) -> float:
    """The opposite of `normalization_level`."""
    return LUFS_AT_0 + (LUFS_AT_1 - LUFS_AT_0) * level


def bass_boost(index_db: float | None) -> float:
    """0…100 by 100 / (1 + exp(−(index − 3 dB) / 6 dB)); 0 for silence."""
    if index_db is None:
        return 0.0
    return 100 / (1 + math.exp(-(index_db - BASS_MIDDLE_DB) / BASS_STEEPNESS_DB))


def bass_index_db(boost: float) -> float | None:
    """The opposite of `bass_boost`; None for 0, which stands for silence."""
    if boost <= 0:
        return None
    share = min(boost, 99.99) / 100
    return BASS_MIDDLE_DB + BASS_STEEPNESS_DB * math.log(share / (1 - share))
