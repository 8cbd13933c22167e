"""A file's name as shown to people, and as a path segment."""

import re
import unicodedata

_FALLBACK = "video"
_SHOWN_CHARACTERS = 255
_STORED_BYTES = 150


def shown_name(sent: str) -> str:
    """The last part of the name sent, without separators and control characters; honest names stay as they are."""
    last = re.split(r"[/\\]", sent)[-1]
    kept = "".join(character for character in last if unicodedata.category(character) not in ("Cc", "Cf", "Cs"))
    kept = unicodedata.normalize("NFC", kept).strip()
    if not kept.strip("."):
        return _FALLBACK
    return _shorten(kept, _SHOWN_CHARACTERS)


def stored_name(shown: str) -> str:
    """The name as a path segment: letters of ASCII, digits and `._-` only, never hidden, at most 150 bytes."""
    ascii_only = unicodedata.normalize("NFKD", shown).encode("ascii", "ignore").decode()
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", ascii_only).lstrip("._-")
    return _shorten(safe, _STORED_BYTES) or _FALLBACK


def _shorten(name: str, length: int) -> str:
    if len(name) <= length:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 10:
        return name[:length]
    return f"{stem[: length - len(extension) - 1]}.{extension}"
