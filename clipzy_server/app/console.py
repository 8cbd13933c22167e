"""The console: the gateway itself gives its few files away, so that the page is there while the server starts again."""

import hashlib
from importlib.metadata import distribution
from pathlib import Path

Route = dict[str, object]

MAX_FILE_BYTES = 256 * 1024
"""What the gateway takes as a direct response; each file is smaller."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".otf": "font/otf",
}
_FONTS = ("Light", "Regular", "Semibold")
# Nothing from elsewhere, nothing inline, no text that becomes code; pictures and films only from what was fetched.
_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' blob:",
    "media-src blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
)


def console_routes(folder: Path, storage_origins: tuple[str, ...] = ()) -> list[Route]:
    """Envoy's routes to every file of `folder` and the fonts: `/` is `index.html`, `/console/NAME` any other.

    `/` is a page only for who asks for one, as browsers do; to programs it stays a path without a route.
    `storage_origins` are those that downloads are redirected to.
    """
    policy = "; ".join((*_POLICY, " ".join(("connect-src 'self'", *storage_origins))))
    files = [*sorted(folder.iterdir()), *_fonts()]
    return [route for file in files for route in _routes(file, policy)]


def _fonts() -> list[Path]:
    package = distribution("font-source-sans-pro")
    return [Path(str(package.locate_file(f"font_source_sans_pro/files/SourceSansPro-{face}.otf"))) for face in _FONTS]


def _routes(file: Path, policy: str) -> list[Route]:
    is_page = file.name == "index.html"
    path = "/" if is_page else f"/console/{file.name}"
    asked = [{"name": "accept", "string_match": {"contains": "text/html"}}] if is_page else []
    tag = f'"{hashlib.sha256(file.read_bytes()).hexdigest()}"'
    read = {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD"}}}
    known = {"name": "if-none-match", "string_match": {"contains": tag}}
    headers = _headers(
        {
            "content-type": _TYPES[file.suffix],
            "etag": tag,
            "cache-control": "no-cache",
            "content-security-policy": policy,
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "referrer-policy": "no-referrer",
            "vary": "accept",
        }
    )
    return [
        {
            "match": {"path": path, "headers": [*asked, read, known]},
            "direct_response": {"status": 304},
            "response_headers_to_add": headers,
            "response_headers_to_remove": ["location"],  # Envoy gives every 3xx one
        },
        {
            "match": {"path": path, "headers": [*asked, read]},
            "direct_response": {"status": 200, "body": {"filename": str(file.resolve())}},
            "response_headers_to_add": headers,
        },
        {
            "match": {"path": path, "headers": asked},
            "direct_response": {"status": 405},
            "response_headers_to_add": _headers({"allow": "GET, HEAD"}),
        },
    ]


def _headers(values: dict[str, str]) -> list[Route]:
    return [
        {"header": {"key": key, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
        for key, value in values.items()
    ]
