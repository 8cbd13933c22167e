from dataclasses import replace

import pytest

from clipzy_server.domain.errors import ClipzyError, Conflict, ErrorCode, Invalid, NotFound
from clipzy_server.domain.job import Job, JobFailure
from clipzy_server.domain.page import PageRequest
from clipzy_server.domain.style import SavedStyle
from clipzy_server.usecases.requests import NewJob
from tests.samples import style


@pytest.fixture
async def saved(desk) -> SavedStyle:
    return await desk.styles.save(desk.owner, "mine", style=style())


@pytest.fixture
async def job(desk) -> Job:
    video = await desk.upload(b"footage")
    return await desk.jobs.create(desk.owner, NewJob(video.video_id))


async def _refusal(awaitable) -> ClipzyError:
    with pytest.raises(ClipzyError) as refused:
        await awaitable
    return refused.value


async def test_a_saved_style_is_found_again_unchanged(desk, saved: SavedStyle) -> None:
    assert (saved.name, saved.style) == ("mine", style())
    assert await desk.styles.get(desk.owner, saved.style_id) == saved
    page = await desk.styles.list(desk.owner, PageRequest())
    assert (page.items, page.total) == ((saved,), 1)


async def test_a_deleted_style_is_gone(desk, saved: SavedStyle) -> None:
    kept = await desk.styles.save(desk.owner, "kept", style=style())
    await desk.styles.delete(desk.owner, saved.style_id)
    for call in (desk.styles.get, desk.styles.delete):
        assert (await _refusal(call(desk.owner, saved.style_id))).code is ErrorCode.STYLE_NOT_FOUND
    assert (await desk.styles.list(desk.owner, PageRequest())).items == (kept,)


async def test_unknown_and_foreign_styles_answer_the_same(desk, saved: SavedStyle) -> None:
    theirs = await desk.styles.save(desk.stranger, "theirs", style=style())
    for call in (
        desk.styles.get(desk.owner, "sty_unknown"),
        desk.styles.get(desk.stranger, saved.style_id),
        desk.styles.delete(desk.stranger, saved.style_id),
        desk.styles.diff(desk.owner, saved.style_id, theirs.style_id),
        desk.styles.diff(desk.owner, theirs.style_id, saved.style_id),
    ):
        refused = await _refusal(call)
        assert isinstance(refused, NotFound)
        assert refused.code is ErrorCode.STYLE_NOT_FOUND
    assert (await desk.styles.list(desk.stranger, PageRequest())).items == (theirs,)
    assert await desk.styles.get(desk.owner, saved.style_id) == saved


async def test_lists_are_newest_first_in_pages(desk) -> None:
    styles = [await desk.styles.save(desk.owner, f"style {number}", style=style()) for number in range(3)]
    pages = [await desk.styles.list(desk.owner, PageRequest(number, 2)) for number in (1, 2, 3)]
    assert [page.items for page in pages] == [(styles[2], styles[1]), (styles[0],), ()]
    assert {(page.total, page.page_size) for page in pages} == {(3, 2)}


async def test_the_style_of_a_job_is_saved_as_soon_as_it_is_there(desk, job: Job) -> None:
    early = await _refusal(desk.styles.save(desk.owner, "early", job_id=job.job_id))
    assert isinstance(early, Conflict)
    assert early.code is ErrorCode.RESULT_NOT_READY

    await desk.progress.started(job.job_id)
    await desk.progress.style_ready(job.job_id, style())
    saved = await desk.styles.save(desk.owner, "of a job", job_id=job.job_id)
    assert saved.style == style()
    foreign = await _refusal(desk.styles.save(desk.stranger, "stolen", job_id=job.job_id))
    assert foreign.code is ErrorCode.JOB_NOT_FOUND


async def test_a_job_that_ended_without_a_style_has_none_to_save(desk, job: Job) -> None:
    await desk.progress.failed(job.job_id, JobFailure(None, ErrorCode.WORKER_LOST, "lost"))
    refused = await _refusal(desk.styles.save(desk.owner, "none", job_id=job.job_id))
    assert refused.code is ErrorCode.STYLE_NOT_FOUND
    assert job.job_id in refused.detail


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("", {"style": style()}, "name"),
        (" \t", {"style": style()}, "name"),
        ("x" * 201, {"style": style()}, "name"),
        ("mine", {}, "style_json"),
        ("mine", {"style": style(), "job_id": "job_1"}, "style_json"),
        ("mine", {"style": replace(style(), motion_intensity=101.0)}, "style_json.motion_intensity"),
        ("mine", {"style": replace(style(), zoom_usage=float("nan"))}, "style_json.zoom_usage"),
    ],
)
async def test_a_style_out_of_bounds_is_refused_by_its_field(desk, name: str, given, field: str) -> None:
    refused = await _refusal(desk.styles.save(desk.owner, name, **given))
    assert isinstance(refused, Invalid)
    assert refused.detail.startswith(f"{field}: ")
    assert (await desk.styles.list(desk.owner, PageRequest())).total == 0


async def test_a_repeated_key_is_answered_with_the_first_style(desk) -> None:
    first = await desk.styles.save(desk.owner, "mine", style=style(), idempotency_key="key-1")
    assert await desk.styles.save(desk.owner, "mine", style=style(), idempotency_key="key-1") == first
    assert (await desk.styles.list(desk.owner, PageRequest())).items == (first,)
    other = await _refusal(desk.styles.save(desk.owner, "other", style=style(), idempotency_key="key-1"))
    assert other.code is ErrorCode.IDEMPOTENCY_KEY_REUSED


async def test_two_saved_styles_differ_by_their_fields(desk, saved: SavedStyle) -> None:
    other = await desk.styles.save(desk.owner, "other", style=replace(style(), cut_frequency=20.0, music_genre="jazz"))
    found = await desk.styles.diff(desk.owner, saved.style_id, other.style_id)
    changes = {field.field: (field.a, field.b, field.change) for field in found.fields}
    assert changes == {"cut_frequency": (17.25, 20.0, 2.75), "music_genre": ("house", "jazz", None)}
    assert found.summary == "Music house → jazz, more cuts a minute (17.25 → 20); 2 fields differ."
    assert (await desk.styles.diff(desk.owner, saved.style_id, saved.style_id)).fields == ()
