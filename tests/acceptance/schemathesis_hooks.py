"""What schemathesis cannot know of the document: real videos, and rules that JSON Schema has no words for."""

import io
import re
from collections import defaultdict
from typing import Any

import av
import numpy as np
import schemathesis
from hypothesis import strategies as st
from schemathesis.generation.meta import TestPhase

from clipzy_server.rest.tus_documented import UPLOAD_LENGTH, UPLOAD_METADATA

CONTAINERS = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/x-msvideo": "avi",
    "video/x-matroska": "matroska",
    "video/webm": "webm",
}


def tiny_clip(container: str, frames: int) -> bytes:
    """64×36 grey frames at 25 fps."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream("libvpx" if container == "webm" else "mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for n in range(frames):
            picture = np.full((36, 64, 3), 40 + 6 * n, np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        output.mux(stream.encode(None))
    return file.getvalue()


for media_type, container in CONTAINERS.items():
    clips = [tiny_clip(container, frames) for frames in (12, 25)]
    schemathesis.openapi.media_type(media_type, st.sampled_from(clips))

schemathesis.openapi.media_type("application/offset+octet-stream", st.binary(max_size=200))

PUBLIC_URL = "https://hooks.example.com/clipzy"
schemathesis.openapi.format("uri", st.just(PUBLIC_URL))

PATTERNED = {"Upload-Checksum", "Upload-Metadata"}
METADATA = "filename Zm9vdGFnZS5tcDQ="

# Name of an id → those that answers have told.
known: dict[str, list[str]] = defaultdict(list)
# The same, of things that no other case is told of: what a DELETE may take away. Every third new one is such.
spare: dict[str, list[str]] = defaultdict(list)
told: set[str] = set()


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Ids that exist, and what the document allows keeps to the rules it cannot write down."""
    if case.method != "DELETE":
        _lend_known(case)
    elif case.meta.phase.name is not TestPhase.STATEFUL and case.meta.generation.mode.is_positive:
        _give_spare(case.path_parameters or {})
    if case.headers:
        if case.meta.generation.mode.is_positive:
            # Where the coverage phase finds no value for a pattern it sends a bare 0 and takes it for a good one.
            for name in PATTERNED & {name for name, value in case.headers.items() if value == "0"}:
                del case.headers[name]
        if case.meta.phase.name is TestPhase.STATEFUL:
            # The same key and body again get the first answer again, of what another scenario may have deleted since.
            case.headers.pop("Idempotency-Key", None)
        _mend_headers(case.headers)
    if isinstance(case.body, dict):
        _mend_body(case.body)


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Remembers the ids of everything that was made."""
    location = response.headers.get("location")
    if response.status_code == 201 and location:
        _remember("upload_id", location[0].rpartition("/")[2], case)
    if response.status_code == 200 and case.method == "POST":
        data = response.json()["data"]
        for name in ("video_id", "job_id", "style_id", "delivery_id"):
            if name in data:
                _remember(name, data[name], case)


def _lend_known(case: Any) -> None:
    """Every other id is one that exists."""
    for names in (case.path_parameters, case.query):
        for name, value in (names or {}).items():
            ids = known["style_id" if name == "with" else name]
            number = hash(value) if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,128}", value) else 1
            if ids and number % 2 == 0:
                names[name] = ids[number // 2 % len(ids)]


def _give_spare(names: dict[str, Any]) -> None:
    """With a borrowed id a deletion would take away what another case has just made."""
    for name in names:
        if spare[name]:
            names[name] = spare[name].pop()


def _remember(name: str, made: str, case: Any) -> None:
    if made not in told:
        told.add(made)
        is_spare = case.meta.phase.name is not TestPhase.STATEFUL and len(told) % 3 == 0
        (spare if is_spare else known)[name].append(made)


def _mend_headers(headers: Any) -> None:
    """The metadata of an upload is Base64 of text; its length is one that this installation takes and no test fills."""
    if re.match(UPLOAD_METADATA.schema["pattern"], headers.get("Upload-Metadata", "-")):
        headers["Upload-Metadata"] = METADATA
    if re.match(UPLOAD_LENGTH.schema["pattern"], headers.get("Upload-Length", "-")):
        headers["Upload-Length"] = "1000000"


def _mend_body(body: dict[str, Any]) -> None:
    """The address of a webhook is a public one; no shot of a Style DNA ends before it starts."""
    url = body.get("webhook_url")
    if isinstance(url, str) and len(url) <= 2048 and re.fullmatch(r"https?://[!-\[\]-~]+", url):
        body["webhook_url"] = PUBLIC_URL
    config = body.get("config")
    for holder in (body, config if isinstance(config, dict) else {}):
        _order_shots(holder.get("style_json"))


def _order_shots(style: Any) -> None:
    shots = style.get("shots") if isinstance(style, dict) else None
    for shot in shots if isinstance(shots, list) else ():
        if isinstance(shot, dict) and {"start_ms", "end_ms"} <= shot.keys():
            times = (shot["start_ms"], shot["end_ms"])
            if all(isinstance(time, int | float) for time in times):
                shot["start_ms"], shot["end_ms"] = sorted(times)
