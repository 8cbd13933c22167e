"""The references of errors and settings, from the code that has them."""

import re

from pydantic import AliasChoices
from tables import table

from clipzy_client import ClipzyError
from clipzy_server.app.settings import Settings
from clipzy_server.transport.statuses import STATUSES

_ERRORS = """\
Every failure is `{success: false, message, error: {code, detail}}` over REST, and a status with one
`google.rpc.ErrorInfo` over gRPC. Programs switch on the code. `clipzy_client` raises a class of
`clipzy_client.errors` for each, with `code`, `message`, `detail` and `request_id`."""

_JOB_ERRORS = """\
The last ones are those of jobs: `wait` raises them as kinds of `JobFailed`. Jobs also fail with `CORRUPT_VIDEO` and
`INSUFFICIENT_STORAGE`."""


def errors_page() -> str:
    """Every code: statuses, and the client's class with its words."""
    kinds = ClipzyError.kinds()
    rows = [
        (f"`{code}`", str(status.http), status.grpc.name, f"`{kinds[code].__name__}`", kinds[code].__doc__ or "")
        for code, status in STATUSES.items()
    ]
    return (
        "\n\n".join(
            [
                "# Errors",
                _ERRORS,
                table(("code", "HTTP", "gRPC", "class", ""), rows),
                _JOB_ERRORS,
            ]
        )
        + "\n"
    )


def settings_page(readme: str) -> str:
    """Every setting with its default; the words are those of the README's table."""
    words = _words(readme)
    known = {name for field in Settings.model_fields for name in _names(field)}
    foreign = sorted(set(words) - known)
    if foreign:
        raise SystemExit(f"README tells of settings that do not exist: {foreign}")
    rows = []
    for field, about in Settings.model_fields.items():
        names = _names(field)
        told = next((words[name] for name in names if name in words), "")
        default = "" if about.default is None else f"`{_printed(about.default)}`"
        rows.append((", ".join(f"`{name}`" for name in names), default, told))
    return (
        "\n\n".join(
            [
                "# Settings",
                "Each is an environment variable. They are read when a command starts. An empty value counts as none.",
                table(("variable", "default", ""), rows),
            ]
        )
        + "\n"
    )


def _names(field: str) -> list[str]:
    alias = Settings.model_fields[field].validation_alias
    return [str(each) for each in alias.choices] if isinstance(alias, AliasChoices) else [f"CLIPZY_{field.upper()}"]


def _printed(default: object) -> object:
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    return int(default) if isinstance(default, float) and default.is_integer() else default


def _words(readme: str) -> dict[str, str]:
    """Variable → what the README's table of settings says of it."""
    found = {}
    for line in readme[readme.index("## Settings") :].splitlines():
        if line.startswith("| `"):
            names, _, told = (part.strip() for part in line.split("|", 3)[1:])
            found.update(dict.fromkeys(re.findall(r"`([A-Z0-9_]+)`", names), told.rstrip("| ")))
    return found
