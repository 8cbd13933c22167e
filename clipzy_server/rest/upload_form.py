"""The upload form: which parts it has, and where each goes."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.owner import Owner
from clipzy_server.domain.video import Video
from clipzy_server.rest.body import Id, WebhookUrl
from clipzy_server.rest.multipart import Event, PartData, PartStarted, malformed
from clipzy_server.usecases.requests import UploadRequest
from clipzy_server.usecases.uploads import UploadSink
from clipzy_server.usecases.videos import Videos

FILE = "file"


class UploadFormJson(BaseModel):
    """The parts of the form, in any order."""

    model_config = ConfigDict(extra="forbid")

    file: Annotated[
        bytes,
        WithJsonSchema(
            {"type": "string", "format": "binary", "description": "mp4, mov, avi, mkv or webm, sent with a filename."}
        ),
    ]
    template_video_id: Annotated[Id, Field(description="Whose style jobs of this video take by default.")] = ""
    webhook_url: Annotated[WebhookUrl, Field(description="Told when jobs of this video end; a job's own wins.")] = ""


TEXT_FIELDS = tuple(name for name in UploadFormJson.model_fields if name != FILE)

_MAX_TEXT_BYTES = 4096


class UploadForm:
    """Takes a form's events in any order of parts; the file goes straight on to the store."""

    def __init__(self, videos: Videos, owner: Owner, idempotency_key: str | None) -> None:
        self._videos = videos
        self._owner = owner
        self._idempotency_key = idempotency_key
        self._fields: dict[str, str] = {}
        self._part: str | None = None
        self._text = bytearray()
        self._sink: UploadSink | None = None

    async def take(self, event: Event) -> None:
        """Raises Invalid for an unknown, repeated or overlong part, and whatever the store refuses."""
        if isinstance(event, PartStarted):
            await self._start(event)
        elif isinstance(event, PartData):
            await self._add(event.data)
        else:
            await self._end()

    async def finish(self) -> Video:
        """The stored video; raises Invalid (MISSING_FIELD) without a file."""
        if self._sink is None:
            raise Invalid(ErrorCode.MISSING_FIELD, "A required field is missing", "file: is required.")
        return await self._sink.finish()

    async def abort(self) -> None:
        """Forgets what came."""
        if self._sink is not None:
            await self._sink.abort()

    async def _start(self, part: PartStarted) -> None:
        if part.name != FILE and part.name not in TEXT_FIELDS:
            raise Invalid(ErrorCode.VALIDATION_ERROR, "Invalid form", f"{part.name[:100]}: unknown part.")
        if part.name in self._fields or (part.name == FILE and self._sink is not None):
            raise Invalid(ErrorCode.VALIDATION_ERROR, "Invalid form", f"{part.name}: given more than once.")
        self._part = part.name
        if part.name == FILE:
            self._sink = await self._begin(part.filename)

    async def _begin(self, filename: str | None) -> UploadSink:
        if filename is None:
            raise Invalid(ErrorCode.MISSING_FIELD, "A required field is missing", "file: must be sent with a filename.")
        request = UploadRequest(
            filename=filename,
            template_video_id=self._fields.get("template_video_id") or None,
            webhook_url=self._fields.get("webhook_url") or None,
        )
        return await self._videos.begin(self._owner, request, self._idempotency_key)

    async def _add(self, data: bytes) -> None:
        if self._part == FILE and self._sink is not None:
            await self._sink.write(data)
            return
        self._text += data
        if len(self._text) > _MAX_TEXT_BYTES:
            raise Invalid(ErrorCode.VALIDATION_ERROR, "Invalid form", f"{self._part}: too long.")

    async def _end(self) -> None:
        name, self._part = self._part, None
        if name is None or name == FILE:
            return
        text = self._read_text(name)
        self._fields[name] = text
        if self._sink is not None and text:
            await self._sink.describe(**{name: text})

    def _read_text(self, name: str) -> str:
        raw, self._text = bytes(self._text), bytearray()
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            raise malformed(f"{name}: must be UTF-8.") from error
        if not text.isprintable():
            raise malformed(f"{name}: must not contain control characters.")
        return text
