"""How much of what an owner may have is used."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meter:
    """What is used, and the most that may be; None where there is no limit."""

    used: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class Usage:
    """`stored_bytes`: videos, bytes that several share counted once, and what unfinished uploads have announced.
    `active_jobs`: queued or processing. `requests_per_minute`: those that still count against the limit.
    """

    stored_bytes: Meter
    active_jobs: Meter
    requests_per_minute: Meter
