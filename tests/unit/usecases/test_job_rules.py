import math
from dataclasses import replace

import pytest

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.job import Dimension, JobConfig
from clipzy_server.usecases.job_rules import check_job
from clipzy_server.usecases.requests import NewJob
from tests.samples import style

GOOD = JobConfig()
BAD_CONFIGS = {
    "config.strength": [replace(GOOD, strength=value) for value in (-0.1, 1.5, math.nan, math.inf)],
    "config.priority": [replace(GOOD, priority=value) for value in (-11, 11)],
    "config.frame_rate": [replace(GOOD, frame_rate=value) for value in (-1, 0, 25, 120)],
    "config.resolution": [
        replace(GOOD, resolution=value)
        for value in (
            "",
            "720p",
            "1280X720",
            "1280x",
            "01280x720",
            "1281x720",
            "8x8",
            "99999x16",
            "1280x720 ",
            "١٢٨٠x720",
        )
    ],
    "config.apply": [replace(GOOD, apply=(Dimension.COLOR, Dimension.COLOR))],
    "config.style_json": [replace(GOOD, style_id="sty_1", style_json=style())],
    "config.style_json.zoom_usage": [replace(GOOD, style_json=replace(style(), zoom_usage=101.0))],
}


@pytest.mark.parametrize(("field", "config"), [(field, one) for field, many in BAD_CONFIGS.items() for one in many])
def test_a_setting_out_of_range_is_refused_by_name(field: str, config: JobConfig) -> None:
    with pytest.raises(Invalid) as refused:
        check_job(NewJob("vid_1", config=config))
    assert refused.value.code is ErrorCode.VALIDATION_ERROR
    assert refused.value.detail.startswith(f"{field}:")


@pytest.mark.parametrize("config", [replace(GOOD, style_id="sty_1"), replace(GOOD, style_json=style())])
def test_a_style_excludes_a_template(config: JobConfig) -> None:
    with pytest.raises(Invalid, match="Invalid job"):
        check_job(NewJob("vid_1", template_video_id="vid_2", config=config))


@pytest.mark.parametrize(
    "config",
    [
        GOOD,
        replace(GOOD, strength=0.0, priority=-10, frame_rate=24, resolution="1280x720", apply=()),
        replace(GOOD, strength=1.0, priority=10, frame_rate=60, resolution="16x8192", style_json=style()),
    ],
)
def test_settings_in_range_are_taken(config: JobConfig) -> None:
    check_job(NewJob("vid_1", config=config))
