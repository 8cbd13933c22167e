"""Domain values that many tests need; every number is made up here."""

from datetime import UTC, datetime

from clipzy_server.domain.style import (
    AspectRatio,
    AudioStyle,
    Beat,
    BeatBand,
    ColorGrade,
    Look,
    LookColor,
    PaletteColor,
    StyleDna,
    StyleShot,
    Transition,
)


def style() -> StyleDna:
    """A Style DNA with something in every kind of field."""
    return StyleDna(
        color_grade=ColorGrade(temperature=-12.5, saturation=33.0),
        aspect_ratio=AspectRatio.TALL,
        frame_rate=24,
        audio_style=AudioStyle(0.61, 2.0, 12.0, enhance_speech=False),
        cut_frequency=17.25,
        motion_intensity=41.5,
        zoom_usage=7.0,
        primary_transition=Transition(),
        created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        source_duration_seconds=12.48,
        extraction_confidence=0.77,
        detected_beats=(Beat(480, 0.8, BeatBand.BASS), Beat(960, 0.7, BeatBand.MID)),
        tempo_bpm=125.0,
        music_genre="house",
        field_confidence={"color_grade.tint": 0.4, "tempo_bpm": None},
        shots=(StyleShot(0, 5000), StyleShot(5000, 12480)),
        palette=(PaletteColor("#204060", 0.6), PaletteColor("#a0a0a0", 0.4)),
        look=Look((0.1, 0.5, 0.9), (LookColor(0.5, 0.02, -0.03, 1.0),)),
    )
