import pytest

from clipzy.v1 import style_pb2
from clipzy.v1 import style_service_pb2 as wire
from clipzy_server.api.style_messages import style_message


@pytest.fixture
def style(clipzy):
    """A style as a caller has it from a result."""
    return style_message(clipzy.style)


async def test_a_style_is_saved_found_listed_and_deleted(clipzy, refusal, style):
    asked = wire.SaveStyleRequest(name="warm", style=style, request_id="key-1")
    saved = (await clipzy.styles.SaveStyle(asked, metadata=clipzy.ada)).style
    assert (saved.name, saved.style) == ("warm", style)
    assert clipzy.kept.styles.asked == [(None, "key-1")]
    found = await clipzy.styles.GetStyle(wire.GetStyleRequest(style_id=saved.style_id), metadata=clipzy.ada)
    assert found.style == saved
    page = await clipzy.styles.ListStyles(wire.ListStylesRequest(), metadata=clipzy.ada)
    assert (list(page.styles), page.total) == ([saved], 1)
    await clipzy.styles.DeleteStyle(wire.DeleteStyleRequest(style_id=saved.style_id), metadata=clipzy.ada)
    gone = clipzy.styles.GetStyle(wire.GetStyleRequest(style_id=saved.style_id), metadata=clipzy.ada)
    assert await refusal(gone) == "STYLE_NOT_FOUND"


async def test_a_jobs_style_is_saved(clipzy):
    await clipzy.styles.SaveStyle(wire.SaveStyleRequest(name="of a job", job_id="job_1"), metadata=clipzy.ada)
    assert clipzy.kept.styles.asked == [("job_1", None)]


@pytest.mark.parametrize(
    "asked",
    [
        wire.SaveStyleRequest(name="x"),
        wire.SaveStyleRequest(job_id="job_1"),
        wire.SaveStyleRequest(name="x", job_id=""),
        wire.SaveStyleRequest(name="x", style=style_pb2.StyleDna()),
    ],
)
async def test_what_is_missing_is_told(clipzy, refusal, asked):
    assert await refusal(clipzy.styles.SaveStyle(asked, metadata=clipzy.ada)) == "MISSING_FIELD"


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
