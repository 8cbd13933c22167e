"""Which sound chain brings footage to a style."""

from clipzy_server.domain.analysis import SoundAnalysis
from clipzy_server.domain.plan import SoundPlan
from clipzy_server.domain.sound_scale import bass_index_db, lufs_of_level
from clipzy_server.domain.style import StyleDna

CEILING_DBTP = -1.0
_LEFT_ALONE = SoundPlan(None, CEILING_DBTP, None, 0.0, False)
# More would make hum of what bass there is, or leave nothing of it.
_MOST_BASS_DB = 14.0
_LEAST_BASS_DB = 1.0
_MOST_RATIO = 4.0


def plan_sound(style: StyleDna, footage: SoundAnalysis, strength: float) -> SoundPlan | None:
    """The chain at `strength` 0…1; None for footage without sound.

    A style without sound, or footage that is silent, leaves the sound as it is. The loudness goes `strength` of the way
    from the footage's to the style's; so does the bass index, up to 14 dB. Compression is added only where the style's
    ratio is higher than the footage's, as their quotient; it cannot be taken away.
    """
    if not footage.has_sound:
        return None
    target_lufs = _target_lufs(style)
    own_lufs = footage.loudness.integrated_lufs
    if target_lufs is None or own_lufs is None or strength <= 0:
        return _LEFT_ALONE
    return SoundPlan(
        target_lufs=own_lufs + strength * (target_lufs - own_lufs),
        true_peak_ceiling_dbtp=CEILING_DBTP,
        compression_ratio=_ratio(style, footage, strength),
        bass_gain_db=_bass_gain_db(style, footage, strength),
        enhance_speech=style.audio_style.enhance_speech and footage.speech_share > 0,
    )


def _target_lufs(style: StyleDna) -> float | None:
    """The style's loudness; where only the level is known, what it stands for. Level 0 without a loudness is
    silence.
    """
    if style.loudness.integrated_lufs is not None:
        return style.loudness.integrated_lufs
    level = style.audio_style.normalization_level
    return lufs_of_level(level) if level > 0 else None


def _ratio(style: StyleDna, footage: SoundAnalysis, strength: float) -> float | None:
    quotient = style.audio_style.compression_ratio / footage.style.compression_ratio
    return min(_MOST_RATIO, quotient**strength) if quotient > 1 else None


def _bass_gain_db(style: StyleDna, footage: SoundAnalysis, strength: float) -> float:
    wanted_db, own_db = bass_index_db(style.audio_style.bass_boost), footage.bass_index_db
    if wanted_db is None or own_db is None:
        return 0.0
    gain_db = strength * max(-_MOST_BASS_DB, min(_MOST_BASS_DB, wanted_db - own_db))
    return gain_db if abs(gain_db) >= _LEAST_BASS_DB else 0.0
