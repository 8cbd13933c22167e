"""`clipzy videos`."""

from itertools import islice
from typing import Annotated

import typer

from clipzy_client.cli.desk import Desk, with_desk
from clipzy_client.cli.jobs import Limit

videos = typer.Typer(no_args_is_help=True, help="List and delete uploaded videos.")


@videos.command("list")
@with_desk
def list_videos(desk: Desk, limit: Limit = 20) -> None:
    """Lists videos, newest first."""
    desk.table(
        list(islice(desk.client.videos.list(), limit)),
        {
            "video": lambda video: video.video_id,
            "MB": lambda video: f"{video.file_size_bytes / 1e6:.1f}",
            "size": lambda video: f"{video.metadata.width}×{video.metadata.height}",
            "s": lambda video: f"{video.metadata.duration_seconds:.1f}",
            "uploaded": lambda video: f"{video.uploaded_at:%Y-%m-%d %H:%M:%S}",
            "file": lambda video: video.filename,
        },
    )


@videos.command()
@with_desk
def delete(desk: Desk, video_id: Annotated[str, typer.Argument(help="vid_…")]) -> None:
    """Deletes a video; not while a job needs it."""
    desk.client.videos.delete(video_id)
    desk.show({"deleted": video_id}, f"deleted {video_id}")
