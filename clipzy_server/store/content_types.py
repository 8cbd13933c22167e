"""What the files are that Clipzy keeps and gives away, by their names."""

from pathlib import PurePosixPath

CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".json": "application/json",
    ".png": "image/png",
    ".html": "text/html; charset=utf-8",
    ".otio": "application/json",
    ".edl": "text/plain; charset=utf-8",
    ".cube": "text/plain; charset=utf-8",
}


def content_type_of(name: str) -> str:
    """The media type by the name's last suffix."""
    return CONTENT_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")
