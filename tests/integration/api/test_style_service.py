from datetime import UTC, datetime

import pytest

from clipzy.v1 import job_service_pb2, style_pb2
from clipzy.v1 import style_service_pb2 as wire
from clipzy_server.api.style_messages import style_message
from clipzy_server.domain.style import AspectRatio, AudioStyle, ColorGrade, StyleDna, Transition

STYLE = StyleDna(
    color_grade=ColorGrade(temperature=12.5),
    aspect_ratio=AspectRatio.TALL,
    frame_rate=24,
    audio_style=AudioStyle(),
    cut_frequency=7.5,
    motion_intensity=41.0,
    zoom_usage=3.0,
    primary_transition=Transition(),
    created_at=datetime(2026, 1, 2, tzinfo=UTC),
    source_duration_seconds=3.25,
    extraction_confidence=0.71,
)


@pytest.fixture
def style():
    """A style as a caller has it from a result."""
    return style_message(STYLE)


async def test_a_style_is_saved_found_listed_and_deleted(clipzy, refusal, style):
    asked = wire.SaveStyleRequest(name="warm", style=style, request_id="key-1")
    saved = (await clipzy.styles.SaveStyle(asked, metadata=clipzy.ada)).style
    assert (saved.name, saved.style) == ("warm", style)
    assert (await clipzy.styles.SaveStyle(asked, metadata=clipzy.ada)).style == saved
    found = await clipzy.styles.GetStyle(wire.GetStyleRequest(style_id=saved.style_id), metadata=clipzy.ada)
    assert found.style == saved
    page = await clipzy.styles.ListStyles(wire.ListStylesRequest(), metadata=clipzy.ada)
    assert (list(page.styles), page.total) == ([saved], 1)
    await clipzy.styles.DeleteStyle(wire.DeleteStyleRequest(style_id=saved.style_id), metadata=clipzy.ada)
    gone = clipzy.styles.GetStyle(wire.GetStyleRequest(style_id=saved.style_id), metadata=clipzy.ada)
    assert await refusal(gone) == "STYLE_NOT_FOUND"


async def test_a_jobs_style_is_saved_once_it_is_there(clipzy, desk, refusal, video, style):
    asked = job_service_pb2.CreateJobRequest(video_id=video.video_id)
    job = (await clipzy.jobs.CreateJob(asked, metadata=clipzy.ada)).job
    save = wire.SaveStyleRequest(name="of a job", job_id=job.job_id)
    assert await refusal(clipzy.styles.SaveStyle(save, metadata=clipzy.ada)) == "RESULT_NOT_READY"
    await desk.progress.started(job.job_id)
    await desk.progress.style_ready(job.job_id, STYLE)
    assert (await clipzy.styles.SaveStyle(save, metadata=clipzy.ada)).style.style == style


async def test_other_peoples_styles_are_unknown(clipzy, refusal, style):
    asked = wire.SaveStyleRequest(name="mine", style=style)
    saved = (await clipzy.styles.SaveStyle(asked, metadata=clipzy.ada)).style
    stolen = clipzy.styles.GetStyle(wire.GetStyleRequest(style_id=saved.style_id), metadata=clipzy.bob)
    assert await refusal(stolen) == "STYLE_NOT_FOUND"


async def test_a_style_out_of_range_is_refused(clipzy, refusal, style):
    for field, value in [("frame_rate", 25), ("version", "9.9"), ("zoom_usage", 101.0)]:
        asked = wire.SaveStyleRequest(name="odd", style=style)
        setattr(asked.style, field, value)
        assert await refusal(clipzy.styles.SaveStyle(asked, metadata=clipzy.ada)) == "VALIDATION_ERROR", field


async def test_what_is_missing_is_told(clipzy, refusal):
    for asked in (
        wire.SaveStyleRequest(name="x"),
        wire.SaveStyleRequest(job_id="job_1"),
        wire.SaveStyleRequest(name="x", job_id=""),
        wire.SaveStyleRequest(name="x", style=style_pb2.StyleDna()),
    ):
        assert await refusal(clipzy.styles.SaveStyle(asked, metadata=clipzy.ada)) == "MISSING_FIELD", asked


async def test_two_styles_are_compared(clipzy, style):
    other = style_pb2.StyleDna()
    other.CopyFrom(style)
    other.color_grade.temperature += 10
    other.tempo_bpm = 93.0
    other.aspect_ratio = style_pb2.ASPECT_RATIO_1_1
    ids = [
        (await clipzy.styles.SaveStyle(wire.SaveStyleRequest(name="n", style=one), metadata=clipzy.ada)).style.style_id
        for one in (style, other)
    ]
    asked = wire.DiffStylesRequest(style_id=ids[0], with_style_id=ids[1])
    answer = await clipzy.styles.DiffStyles(asked, metadata=clipzy.ada)
    fields = {field.field: field for field in answer.fields}
    assert set(fields) == {"color_grade.temperature", "tempo_bpm", "aspect_ratio"}
    warmer = fields["color_grade.temperature"]
    assert (warmer.a.number_value, warmer.b.number_value, warmer.change) == (12.5, 22.5, 10.0)
    assert fields["tempo_bpm"].a.HasField("null_value")
    assert not fields["tempo_bpm"].HasField("change")
    assert (fields["aspect_ratio"].a.string_value, fields["aspect_ratio"].b.string_value) == ("9:16", "1:1")
    assert answer.summary
