"""Saved styles."""

import secrets
from collections.abc import AsyncIterator

from clipzy.v1 import style_service_pb2 as wire
from clipzy.v1 import style_service_pb2_grpc
from clipzy_client.aio.calls import AsyncCalls
from clipzy_client.convert import saved_style_from, style_diff_from, style_to
from clipzy_client.style import StyleDna
from clipzy_client.types import Page, SavedStyle, StyleDiff


class AsyncStyles:
    """What one may do with saved styles."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls
        self._stub = style_service_pb2_grpc.StyleServiceStub(calls.channel)  # type: ignore[no-untyped-call]

    async def save(
        self, name: str, *, job_id: str | None = None, style: StyleDna | None = None, request_id: str = ""
    ) -> SavedStyle:
        """Keeps the style of a job, or one that is given, under a name. Raises ValueError unless it is one of them."""
        if (job_id is None) == (style is None):
            raise ValueError("a style comes either from a job_id or from a style")
        request = wire.SaveStyleRequest(
            name=name,
            job_id=job_id,
            style=style_to(style) if style else None,
            request_id=request_id or secrets.token_hex(16),
        )
        return saved_style_from((await self._calls.answer(self._stub.SaveStyle, request)).style)

    async def get(self, style_id: str) -> SavedStyle:
        """The saved style; StyleNotFound."""
        answer = await self._calls.answer(self._stub.GetStyle, wire.GetStyleRequest(style_id=style_id))
        return saved_style_from(answer.style)

    async def page(self, page: int = 1, page_size: int = 10) -> Page[SavedStyle]:
        """One page of saved styles, newest first."""
        answer = await self._calls.answer(self._stub.ListStyles, wire.ListStylesRequest(page=page, page_size=page_size))
        return Page(tuple(map(saved_style_from, answer.styles)), answer.total, answer.page, answer.page_size)

    def list(self) -> AsyncIterator[SavedStyle]:
        """All saved styles, newest first."""
        return self._calls.every(self.page, lambda style: style.style_id)

    async def delete(self, style_id: str) -> None:
        """Forgets the style; jobs keep what they took from it."""
        await self._calls.answer(self._stub.DeleteStyle, wire.DeleteStyleRequest(style_id=style_id), repeatable=False)

    async def diff(self, style_id: str, with_style_id: str) -> StyleDiff:
        """How the second differs from the first."""
        request = wire.DiffStylesRequest(style_id=style_id, with_style_id=with_style_id)
        return style_diff_from(await self._calls.answer(self._stub.DiffStyles, request))
