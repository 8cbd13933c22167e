"""Whether the finished sound puts speech first: `enhance_speech`."""

from clipzy_server.analysis.sound.dynamics import Dynamics
from clipzy_server.analysis.sound.gate import Gate

_LEAST_SPEECH_SHARE = 0.3
_MOST_MUSIC_SHARE = 0.5
_CLEAR_SPREAD_DB = 6.0


def speech_is_enhanced(gate: Gate, dynamics: Dynamics) -> bool:
    """True when speech is heard in at least 30 % of the windows, music in at most half of the time, and the levels of
    syllables and pauses lie at least 6 dB apart, as they do where nothing covers the speech.
    """
    spread_db = dynamics.spread_db or 0.0
    return (
        gate.speech_share >= _LEAST_SPEECH_SHARE
        and gate.music_share <= _MOST_MUSIC_SHARE
        and spread_db >= _CLEAR_SPREAD_DB
    )
