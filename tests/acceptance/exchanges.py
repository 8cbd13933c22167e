"""All that the REST API can do, done once with a running Clipzy: the material of its examples and of tests."""

import base64
import http.client
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import httpx


@dataclass(frozen=True)
class Exchange:
    """What was sent and what came back. `shown` is its name among the examples, where it is one."""

    operation_id: str
    request: Any
    answer: httpx.Response
    shown: str | None


@dataclass
class Caller:
    """Calls operations by the names they have in `document`, and remembers every exchange."""

    document: Mapping[str, Any]
    client: httpx.Client
    exchanges: list[Exchange] = field(default_factory=list)

    def call(self, operation_id: str, *, shown: str | None = None, path: Mapping[str, str] = {}, **request: Any) -> Any:
        """The answer; `request` as httpx takes it."""
        method, url = self.places[operation_id]
        answer = self.client.request(method, url.format_map(path), **request)
        self.exchanges.append(Exchange(operation_id, request.get("json"), answer, shown))
        return answer

    def data(self, operation_id: str, **request: Any) -> Any:
        """The `data` of a success."""
        answer = self.call(operation_id, **request)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    @property
    def places(self) -> dict[str, tuple[str, str]]:
        return {
            operation["operationId"]: (method.upper(), path.lstrip("/"))
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        }

    def finished(self, job_id: str) -> None:
        """Waits for the end of a job, on its events."""
        with self.client.stream("GET", f"jobs/{job_id}/events") as events:
            assert '"completed"' in "".join(events.iter_text())


def walk(caller: Caller, clips: Path, read_only_token: str) -> None:
    """Everything that can be done, and everything that can go wrong without breaking the machine."""
    caller.data("checkHealth", shown="well")
    caller.call("getOpenApi")
    caller.data("getUsage", shown="now")
    video_id, other_id = _videos(caller, clips)
    _uploads(caller, (clips / "template.mp4").read_bytes())
    job_id = _jobs(caller, video_id, other_id)
    _results(caller, job_id)
    _styles(caller, job_id)
    _deliveries(caller, job_id)
    _refusals(caller, clips, video_id, read_only_token)
    caller.data("deleteVideo", path={"video_id": other_id}, shown="deleted")


def _videos(caller: Caller, clips: Path) -> tuple[str, str]:
    def upload(name: str, **request: Any) -> str:
        files = {"file": (name, (clips / name).read_bytes(), "video/mp4")}
        return str(caller.data("uploadVideo", files=files, **request)["video_id"])

    template_id = upload("template.mp4")
    video_id = upload("footage.mp4", data={"template_video_id": template_id}, shown="stored")
    for page in (1, 99):
        caller.data("listVideos", params={"page": page}, shown="first" if page == 1 else "past_the_end")
    caller.data("getVideo", path={"video_id": video_id}, shown="stored")
    for method in ("", "Head"):
        name, path = f"downloadVideo{method}", {"video_id": video_id}
        etag = caller.call(name, path=path).headers["etag"]
        for headers in ({"if-none-match": etag}, {"range": "bytes=0-99"}, {"range": "bytes=999999999-"}):
            caller.call(name, path=path, headers=headers)
    return video_id, upload("footage.mp4")


def _uploads(caller: Caller, content: bytes) -> None:
    """A file in two pieces, by the tus protocol, and what it refuses."""
    tus, octets = {"tus-resumable": "1.0.0"}, {"content-type": "application/offset+octet-stream"}
    caller.call("describeUploads")
    name = base64.b64encode(b"template.mp4").decode()
    announced = {**tus, "upload-length": str(len(content)), "upload-metadata": f"filename {name}"}
    upload = {"upload_id": caller.call("startUpload", headers=announced).headers["location"].rpartition("/")[2]}
    caller.call("describeUploadsOptions", path=upload)
    patch = {**tus, **octets, "upload-offset": "0"}
    wrong = {"upload-checksum": f"sha1 {base64.b64encode(bytes(20)).decode()}"}
    caller.call("appendToUpload", path=upload, headers={**patch, **wrong}, content=content[:9000])
    caller.call("appendToUpload", path=upload, headers=patch, content=content[:9000])
    caller.call("appendToUpload", path=upload, headers=patch, content=content[:9000])
    caller.call("getUpload", path=upload, headers=tus)
    caller.call("terminateUpload", path=upload, headers={"tus-resumable": "0.2"})
    rest = caller.call(
        "appendToUpload", path=upload, headers={**patch, "upload-offset": "9000"}, content=content[9000:]
    )
    assert rest.headers["clipzy-video-id"]
    caller.call("terminateUpload", path=upload, headers=tus)
    caller.call("terminateUpload", path=upload, headers=tus)


def _jobs(caller: Caller, video_id: str, other_id: str) -> str:
    """A finished transfer, told to a webhook; before it a cancelled job, and every refusal that needs an active one."""
    wanted = {"video_id": video_id, "config": {"quality": "low", "dry_run": True}}
    caller.data("createJob", json=wanted, shown="dry_run")
    asked = {"video_id": video_id, "webhook_url": "https://hooks.example.com/clipzy", "config": {"quality": "low"}}
    key = {"idempotency-key": "examples-1"}
    job_id = str(caller.data("createJob", json=asked, headers=key, shown="queued")["job_id"])
    caller.call("createJob", json={"video_id": other_id}, headers=key)
    caller.call("createJob", json=asked)
    for operation in ("getJobResult", "downloadOutput", "retryJob"):
        caller.call(operation, path={"job_id": job_id})
    caller.call("deleteVideo", path={"video_id": video_id})
    waiting_id = str(caller.data("createJob", json={"video_id": other_id})["job_id"])
    caller.data("cancelJob", path={"job_id": waiting_id}, shown="cancelled")
    caller.call("cancelJob", path={"job_id": waiting_id})
    again_id = str(caller.data("retryJob", path={"job_id": waiting_id}, shown="queued")["job_id"])
    caller.data("cancelJob", path={"job_id": again_id})
    caller.data("getJobResult", path={"job_id": waiting_id}, shown="cancelled")
    caller.finished(job_id)
    caller.data("listJobs", params={"status": "completed"}, shown="completed")
    caller.data("getJob", path={"job_id": job_id}, shown="completed")
    return job_id


def _results(caller: Caller, job_id: str) -> None:
    job = {"job_id": job_id}
    result = caller.data("getJobResult", path=job, shown="completed")
    caller.call("watchJob", path=job)
    lines = caller.call("watchJob", path=job, headers={"accept": "application/x-ndjson"})
    assert json.loads(lines.text)["status"] == "completed"
    event_id = caller.exchanges[-2].answer.text.partition("\n")[0].removeprefix("id: ")
    caller.call("watchJob", path=job, headers={"last-event-id": event_id})
    part, outside = {"range": "bytes=0-99"}, {"range": "bytes=999999999-"}
    etag = {"if-none-match": caller.call("downloadOutput", path=job).headers["etag"]}
    style_etag = caller.call("downloadArtifact", path={**job, "name": "style.json"}).headers["etag"]
    for method in ("", "Head"):
        caller.call(
            f"downloadArtifact{method}", path={**job, "name": "style.json"}, headers={"if-none-match": style_etag}
        )
        for headers in (etag, part, outside, {}):
            caller.call(f"downloadOutput{method}", path=job, headers=headers)
            caller.call(f"downloadArtifact{method}", path={**job, "name": "style.json"}, headers=headers)
        caller.call(f"downloadArtifact{method}", path={**job, "name": "nothing.txt"})
    for artifact in result["artifacts"]:
        if artifact["name"] != "output.mp4":
            caller.call("downloadArtifact", path={**job, "name": artifact["name"]})


def _styles(caller: Caller, job_id: str) -> None:
    saved = caller.data("saveStyle", json={"name": "Evening", "job_id": job_id}, shown="of_a_job")
    sent = {**saved["style_json"], "frame_rate": 24}
    other = caller.data("saveStyle", json={"name": "Evening, 24", "style_json": sent}, shown="sent_whole")
    one = {"style_id": saved["style_id"]}
    caller.data("listStyles", params={"page_size": 2}, shown="first")
    caller.data("getStyle", path=one, shown="saved")
    caller.data("diffStyles", path=one, params={"with": other["style_id"]}, shown="two_differ")
    caller.call("diffStyles", path=one)
    caller.data("deleteStyle", path=one, shown="deleted")
    caller.call("getStyle", path=one)


def _deliveries(caller: Caller, job_id: str) -> None:
    listed = caller.data("listDeliveries", params={"job_id": job_id}, shown="of_a_job")
    caller.data("resendDelivery", path={"delivery_id": listed["deliveries"][0]["delivery_id"]}, shown="due")
    caller.call("resendDelivery", path={"delivery_id": "whd_unknown"})


def _refusals(caller: Caller, clips: Path, video_id: str, read_only_token: str) -> None:
    unknown = {"job_id": "job_unknown", "video_id": "vid_unknown", "style_id": "sty_unknown"}
    for operation in ("getJob", "getVideo", "getStyle"):
        caller.call(operation, path=unknown)
        caller.call(operation, path=dict.fromkeys(unknown, "no%2Fid"))
    caller.call("getVideo", path=unknown, headers={"authorization": "Bearer wrong"})
    caller.call("deleteVideo", path=unknown, headers={"authorization": f"Bearer {read_only_token}"})
    caller.call("createJob", json={})
    caller.call("createJob", json={"video_id": video_id, "config": {"style_id": "sty_unknown"}})
    caller.call("createJob", json={"video_id": video_id, "config": {"strength": 2}})
    caller.call("createJob", content="{}", headers={"content-type": "text/plain"})
    caller.call("createJob", content=b" " * (2 * 1024 * 1024 + 1), headers={"content-type": "application/json"})
    caller.call("listJobs", params={"pge": 2})
    cut = (clips / "footage.mp4").read_bytes()[:20_000]
    for name, content in (("notes.txt", b"no video"), ("cut.mp4", cut), ("sound.mp4", _sound(clips))):
        caller.call("uploadVideo", files={"file": (name, content, "video/mp4")})
    _announce(caller, 2**40)


def _announce(caller: Caller, length: int) -> None:
    """An upload of so many bytes is refused before one of them is sent; httpx would insist on sending them."""
    port = caller.client.base_url.port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.putrequest("POST", "/api/v1/videos/upload")
    for name, value in (
        ("authorization", caller.client.headers["authorization"]),
        ("content-type", "multipart/form-data; boundary=b"),
        ("content-length", str(length)),
    ):
        connection.putheader(name, value)
    connection.endheaders()
    got = connection.getresponse()
    answer = httpx.Response(got.status, headers=got.getheaders(), content=got.read())
    connection.close()
    caller.exchanges.append(Exchange("uploadVideo", None, answer, None))


def _sound(clips: Path) -> bytes:
    """The footage without its picture."""
    file = io.BytesIO()
    with av.open(str(clips / "footage.mp4")) as source, av.open(file, "w", format="mp4") as output:
        stream = source.streams.audio[0]
        copied = output.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.stream = copied
                output.mux(packet)
    return file.getvalue()
