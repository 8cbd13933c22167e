"""What the settings of a job must keep to, beyond types."""

import re

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.usecases.requests import NewJob
from clipzy_server.usecases.style_rules import FRAME_RATES, check_style

_RESOLUTION = re.compile(r"([1-9]\d{1,4})x([1-9]\d{1,4})", re.ASCII)
_MIN_SIDE_PX, _MAX_SIDE_PX = 16, 8192
MAX_PRIORITY = 10


def check_job(asked: NewJob) -> None:
    """Raises Invalid (VALIDATION_ERROR) naming the first setting that breaks a rule."""
    config = asked.config
    sources = {
        "template_video_id": asked.template_video_id,
        "config.style_id": config.style_id,
        "config.style_json": config.style_json,
    }
    given = [name for name, value in sources.items() if value is not None]
    if len(given) > 1:
        raise _refused(f"{given[1]}: cannot be given together with {given[0]}.")
    # NaN compares false with everything.
    if not 0.0 <= config.strength <= 1.0:
        raise _refused("config.strength: must be 0 to 1.")
    if not -MAX_PRIORITY <= config.priority <= MAX_PRIORITY:
        raise _refused("config.priority: must be -10 to 10.")
    if config.frame_rate is not None and config.frame_rate not in FRAME_RATES:
        raise _refused("config.frame_rate: must be 24, 30 or 60.")
    if config.resolution is not None:
        _check_resolution(config.resolution)
    if len(set(config.apply)) != len(config.apply):
        raise _refused("config.apply: names a dimension twice.")
    if config.style_json is not None:
        check_style(config.style_json, "config.style_json")


def _check_resolution(resolution: str) -> None:
    match = _RESOLUTION.fullmatch(resolution)
    if match is None:
        raise _refused('config.resolution: must look like "1280x720".')
    sides_px = [int(side) for side in match.groups()]
    if any(side % 2 or not _MIN_SIDE_PX <= side <= _MAX_SIDE_PX for side in sides_px):
        raise _refused(f"config.resolution: sides must be even, {_MIN_SIDE_PX} to {_MAX_SIDE_PX} pixels.")


def _refused(detail: str) -> Invalid:
    return Invalid(ErrorCode.VALIDATION_ERROR, "Invalid job", detail)
