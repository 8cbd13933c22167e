"""Saved styles: keep, look up, compare, forget."""

from datetime import UTC, datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain.errors import Conflict, ErrorCode, Invalid, NotFound
from clipzy_server.domain.ids import new_id
from clipzy_server.domain.owner import Owner
from clipzy_server.domain.page import Page, PageRequest
from clipzy_server.domain.style import SavedStyle, StyleDifference, StyleDna
from clipzy_server.store import jobs, styles
from clipzy_server.store.database import Database
from clipzy_server.usecases.idempotent import Once, create_once
from clipzy_server.usecases.requests import Limits
from clipzy_server.usecases.style_difference import difference
from clipzy_server.usecases.style_rules import check_style

_MAX_NAME_CHARACTERS = 200


class Styles:
    """What one may do with saved styles. Unknown and other people's ids answer the same: STYLE_NOT_FOUND."""

    def __init__(self, database: Database, limits: Limits) -> None:
        self._database = database
        self._limits = limits

    async def save(
        self,
        owner: Owner,
        name: str,
        *,
        style: StyleDna | None = None,
        job_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> SavedStyle:
        """Keep a style, or the one a job extracted, under a name; exactly one of both is given.

        Raises Invalid for a name or style out of range, NotFound for an unknown job and for one that ended without a
        style, Conflict (RESULT_NOT_READY) while it has none yet.
        """
        if not name.strip() or len(name) > _MAX_NAME_CHARACTERS:
            raise _invalid(f"name: must have 1 to {_MAX_NAME_CHARACTERS} characters.")
        if (style is None) == (job_id is None):
            raise _invalid("style_json: give either style_json or job_id.")
        if style is not None:
            check_style(style)
        asked = (name, style, job_id)
        once = Once(owner.owner_id, "save_style", idempotency_key, asked, self._limits.idempotency_ttl_s)

        async def insert(connection: AsyncConnection) -> SavedStyle:
            kept = style if style is not None else await self._style_of_job(owner, str(job_id))
            saved = SavedStyle(new_id("sty"), name, kept, datetime.now(UTC))
            await styles.insert_style(connection, owner.owner_id, saved)
            return saved

        return await create_once(self._database, once, SavedStyle, partial(insert))

    async def get(self, owner: Owner, style_id: str) -> SavedStyle:
        """The style; raises NotFound."""
        saved = await styles.find_style(self._database, owner.owner_id, style_id)
        if saved is None:
            raise style_not_found(style_id)
        return saved

    async def list(self, owner: Owner, page: PageRequest) -> Page[SavedStyle]:
        """A page of the owner's styles, newest first."""
        return await styles.list_styles(self._database, owner.owner_id, page)

    async def delete(self, owner: Owner, style_id: str) -> None:
        """Forget the style; jobs that were made with it keep theirs. Raises NotFound."""
        async with self._database.transaction() as connection:
            if not await styles.delete_style(connection, owner.owner_id, style_id):
                raise style_not_found(style_id)

    async def diff(self, owner: Owner, style_id: str, other_id: str) -> StyleDifference:
        """What differs from the first style to the second; raises NotFound."""
        first, second = await self.get(owner, style_id), await self.get(owner, other_id)
        return difference(first.style, second.style)

    async def _style_of_job(self, owner: Owner, job_id: str) -> StyleDna:
        result = await jobs.find_result(self._database, owner.owner_id, job_id)
        if result is None:
            raise NotFound(ErrorCode.JOB_NOT_FOUND, "Job not found", f"There is no job {job_id}.")
        if result.style is not None:
            return result.style
        if not result.job.status.is_terminal:
            raise Conflict(ErrorCode.RESULT_NOT_READY, "Result not ready", f"{job_id} has no Style DNA yet.")
        raise NotFound(ErrorCode.STYLE_NOT_FOUND, "Style not found", f"{job_id} ended without a Style DNA.")


def style_not_found(style_id: str) -> NotFound:
    """Unknown, or somebody else's."""
    return NotFound(ErrorCode.STYLE_NOT_FOUND, "Style not found", f"There is no style {style_id}.")


def _invalid(detail: str) -> Invalid:
    return Invalid(ErrorCode.VALIDATION_ERROR, "Invalid style", detail)
