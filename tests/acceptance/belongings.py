"""What one owner has on a running Clipzy: one of everything that has an id."""

import httpx

from tests.acceptance.schemathesis_hooks import tiny_clip

TUS = {"tus-resumable": "1.0.0", "upload-length": "1000", "upload-metadata": "filename Zm9vdGFnZS5tcDQ="}


def furnish(client: httpx.Client) -> dict[str, str]:
    """Kind (`video`, `job`, `style`, `upload`, `delivery`) → id. The job is a finished transfer."""

    def data(answer: httpx.Response) -> dict[str, str]:
        return answer.raise_for_status().json()["data"]

    clip = {"file": ("clip.mp4", tiny_clip("mp4", 12), "video/mp4")}
    video_id = data(client.post("videos/upload", files=clip))["video_id"]
    job = {"video_id": video_id, "webhook_url": "https://hooks.example.com/clipzy", "config": {"quality": "low"}}
    job_id = data(client.post("jobs", json=job))["job_id"]
    events = client.get(f"jobs/{job_id}/events").text
    assert '"completed"' in events, events
    deliveries = data(client.get("webhook-deliveries", params={"job_id": job_id}))["deliveries"]
    return {
        "video": video_id,
        "job": job_id,
        "style": data(client.post("styles", json={"name": "a style", "job_id": job_id}))["style_id"],
        "upload": client.post("videos/uploads", headers=TUS).headers["location"].rpartition("/")[2],
        "delivery": deliveries[0]["delivery_id"],
    }


def kind_of(name: str) -> str:
    """`with_style_id` and `style_id` → `style`; `with`, the other style of a comparison, too."""
    return "style" if name == "with" else name.removesuffix("_id").rpartition("_")[2]


def unknown(known_id: str) -> str:
    """An id of the same kind and length that nobody has."""
    prefix, _, rest = known_id.partition("_")
    return f"{prefix}_{'0' * len(rest)}"
