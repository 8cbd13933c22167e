import pytest

from clipzy.v1 import job_pb2, job_service_pb2, style_pb2
from clipzy_server.api.job_values import job_config, new_job
from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.job import Dimension, JobConfig, JobMode, Quality
from clipzy_server.domain.style import AspectRatio
from clipzy_server.usecases.requests import NewJob


def test_a_config_without_a_word_has_the_published_defaults():
    assert job_config(job_pb2.JobConfig()) == JobConfig()


def test_everything_that_was_said_counts():
    config = job_config(
        job_pb2.JobConfig(
            quality=job_pb2.QUALITY_LOW,
            mode=job_pb2.JOB_MODE_EXTRACT_ONLY,
            style_id="sty_1",
            strength=0,
            apply=job_pb2.Dimensions(dimensions=[job_pb2.DIMENSION_AUDIO, job_pb2.DIMENSION_FRAME_RATE]),
            aspect_ratio=style_pb2.ASPECT_RATIO_4_5,
            frame_rate=60,
            resolution="1280x720",
            keep_duration=True,
            priority=-3,
            dry_run=True,
        )
    )
    assert config == JobConfig(
        quality=Quality.LOW,
        mode=JobMode.EXTRACT_ONLY,
        style_id="sty_1",
        strength=0.0,
        apply=(Dimension.AUDIO, Dimension.FRAME_RATE),
        aspect_ratio=AspectRatio.PORTRAIT,
        frame_rate=60,
        resolution="1280x720",
        keep_duration=True,
        priority=-3,
        dry_run=True,
    )


def test_applying_nothing_differs_from_saying_nothing():
    assert job_config(job_pb2.JobConfig(apply=job_pb2.Dimensions())).apply == ()
    assert job_config(job_pb2.JobConfig()).apply == tuple(Dimension)


def test_a_whole_style_is_checked_as_a_style():
    with pytest.raises(Invalid) as caught:
        job_config(job_pb2.JobConfig(style=style_pb2.StyleDna()))
    assert "config.style.color_grade" in caught.value.detail


@pytest.mark.parametrize(
    ("config", "field"),
    [
        (job_pb2.JobConfig(quality=9), "config.quality"),
        (job_pb2.JobConfig(mode=9), "config.mode"),
        (job_pb2.JobConfig(aspect_ratio=0), "config.aspect_ratio"),
        (job_pb2.JobConfig(apply=job_pb2.Dimensions(dimensions=[0])), "config.apply"),
        (job_pb2.JobConfig(style_id=""), "config.style_id"),
    ],
)
def test_a_wrong_setting_is_named(config, field):
    with pytest.raises(Invalid) as caught:
        job_config(config)
    assert field in caught.value.detail


def test_a_job_needs_a_video():
    with pytest.raises(Invalid) as caught:
        new_job(job_service_pb2.CreateJobRequest())
    assert caught.value.code is ErrorCode.MISSING_FIELD
    assert "video_id" in caught.value.detail


def test_empty_optional_texts_are_as_good_as_none():
    asked = new_job(job_service_pb2.CreateJobRequest(video_id="vid_1", template_video_id="", webhook_url=""))
    assert asked == NewJob("vid_1")
