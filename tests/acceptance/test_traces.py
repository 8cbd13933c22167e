"""One trace tells of a request, the stages of its job and its webhook, across the processes that do them."""

import json
from pathlib import Path

import httpx
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from clipzy_server.domain.job import Stage
from tests.collectors import collecting
from tests.receivers import Receiver

CALL = "clipzy.rest.v1.JobService/CreateJob"
TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


async def _transfer(stack, clip: Path, webhook_url: str) -> str:
    """Has a job queued within the caller's trace, and gives its id."""
    headers = {"authorization": f"Bearer {stack.token}"}
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{stack.port}/api/v1", headers=headers, timeout=60, trust_env=False
    ) as client:
        with clip.open("rb") as file:
            video = (await client.post("/videos/upload", files={"file": file})).raise_for_status().json()["data"]
        asked = {"video_id": video["video_id"], "webhook_url": webhook_url, "config": {"quality": "low"}}
        traced = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
        job = (await client.post("/jobs", json=asked, headers=traced)).raise_for_status().json()["data"]
        (await client.get("/health")).raise_for_status()
        return job["job_id"]


async def test_one_trace_goes_from_the_request_to_its_stages_and_its_webhook(tmp_path, launcher, clips) -> None:
    with collecting() as collector:
        async with Receiver().running() as receiver:
            stack = launcher.start(
                tmp_path / "data", launcher.free_port(), OTEL_EXPORTER_OTLP_ENDPOINT=collector.address
            )
            try:
                job_id = await _transfer(stack, clips / "footage.mp4", receiver.url())
                (message,) = await receiver.requests(1)
            finally:
                launcher.stop(stack)
        assert json.loads(message.body)["status"] == "completed"

    told = {span.name: span for span in collector.spans if span.trace == TRACE}
    call = told[CALL]
    assert (call.parent, call.kind, call.process) == (CALLER, Span.SPAN_KIND_SERVER, "clipzy-serve")
    assert call.attributes["rpc.grpc.status_code"] == 0
    works = ["queued", *(stage.value for stage in Stage)]
    assert set(told) == {*works, "webhook", CALL}
    assert {told[name].parent for name in (*works, "webhook")} == {call.id}
    assert {told[name].process for name in (*works, "webhook")} == {"clipzy-work"}
    assert {told[name].attributes["clipzy.job_id"] for name in works} == {job_id}
    assert all(told[name].failure is None for name in works)
    assert told["webhook"].attributes["http.response.status_code"] == 200
    assert message.headers["traceparent"] == f"00-{TRACE}-{told['webhook'].id}-01"
    assert not any("Health" in span.name for span in collector.spans)
    assert stack.token not in repr(collector.spans)
