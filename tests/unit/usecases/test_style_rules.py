import math
from dataclasses import replace

import pytest

from clipzy_server.domain.errors import Invalid
from clipzy_server.domain.style import (
    AudioStyle,
    Beat,
    BeatBand,
    Camera,
    ColorGrade,
    Look,
    LookColor,
    PaletteColor,
    StyleDna,
    StyleShot,
)
from clipzy_server.usecases.style_rules import check_style
from tests.samples import style

BAD = {
    "version": replace(style(), version="9.0"),
    "frame_rate": replace(style(), frame_rate=25),
    "color_grade.tint": replace(style(), color_grade=ColorGrade(tint=-101)),
    "audio_style.compression_ratio": replace(style(), audio_style=AudioStyle(compression_ratio=0.5)),
    "cut_frequency": replace(style(), cut_frequency=math.nan),
    "motion_intensity": replace(style(), motion_intensity=-3),
    "extraction_confidence": replace(style(), extraction_confidence=1.01),
    "tempo_bpm": replace(style(), tempo_bpm=0.0),
    "detected_beats[0].confidence": replace(style(), detected_beats=(Beat(0, 2.0, BeatBand.MID),)),
    "shots[0]": replace(style(), shots=(StyleShot(2000, 1000),)),
    "palette[0].color": replace(style(), palette=(PaletteColor("red", 0.5),)),
    "camera.pan": replace(style(), camera=Camera(pan=1.5)),
    "look": replace(style(), look=Look(tuple([0.123456789012] * 2000), ())),
    "look.colors": replace(style(), look=Look((), tuple([LookColor(0.5, 0, 0, 0)] * 257))),
    "look.lightness[0]": replace(style(), look=Look((math.inf,), ())),
}


@pytest.mark.parametrize(("field", "bad"), BAD.items())
def test_a_field_out_of_range_is_refused_by_name(field: str, bad: StyleDna) -> None:
    with pytest.raises(Invalid) as refused:
        check_style(bad)
    assert refused.value.detail.startswith(f"style_json.{field}: must be")


def test_a_whole_style_is_taken() -> None:
    check_style(style())
