"""What the tables say of the whole installation at one moment, for whoever watches it; every query runs on an index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.store.queries import Row

STAGE_BOUNDS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
"""Upper bounds of the bins that seconds of stages are counted in; one more bin has no bound."""

_ACTIVE = text(
    """
    SELECT status, COALESCE(current_stage, '') AS stage, count(*) AS jobs,
      sum(GREATEST(attempt - 1, 0)) AS recoveries,
      max(extract(epoch FROM clock_timestamp() - created_at)) AS oldest_s
    FROM clipzy.job WHERE status IN ('queued', 'processing') GROUP BY 1, 2
    """
)
_ENDED = text(
    """
    SELECT status, count(*) AS jobs, sum(GREATEST(attempt - 1, 0)) AS recoveries
    FROM clipzy.job WHERE completed_at > clock_timestamp() - interval '1 hour' GROUP BY 1
    """
)
_STAGES = text(
    """
    SELECT stage, width_bucket(seconds::float8, CAST(:bounds AS float8[])) AS bin, count(*) AS times,
      sum(seconds::float8) AS total_s
    FROM clipzy.job JOIN clipzy.job_result USING (job_id), jsonb_each_text(stage_seconds) AS taken (stage, seconds)
    WHERE completed_at > clock_timestamp() - interval '1 hour' GROUP BY 1, 2
    """
)
_DELIVERIES = text(
    """
    SELECT count(*) AS pending, count(*) FILTER (WHERE tries > 0) AS retrying,
      COALESCE(GREATEST(max(extract(epoch FROM clock_timestamp() - due_at)), 0), 0) AS lag_s,
      (SELECT count(*) FROM clipzy.job JOIN clipzy.webhook_delivery gone USING (job_id)
       WHERE completed_at > clock_timestamp() - interval '1 day' AND gone.state = 'failed') AS failed
    FROM clipzy.webhook_delivery WHERE state = 'pending'
    """
)


@dataclass(frozen=True, slots=True)
class StageTimes:
    """How long a stage took in the jobs of the last hour: times by bin, as many as bounds and one more, and seconds."""

    times: tuple[int, ...]
    total_s: float


@dataclass(frozen=True, slots=True)
class Measures:
    """`active` counts by (status, stage), the stage empty in a queued job; `ended` counts by status.

    Ended jobs, stages and recoveries (attempts beyond a job's first) are those of the last hour, failed webhooks those
    of the jobs of the last day. `webhook_lag_s` is by how much the message due longest is late.
    """

    active: Mapping[tuple[str, str], int]
    ended: Mapping[str, int]
    oldest_queued_s: float
    recoveries: int
    stages: Mapping[str, StageTimes]
    webhooks_pending: int
    webhooks_retrying: int
    webhooks_failed: int
    webhook_lag_s: float


async def read_measures(connection: AsyncConnection) -> Measures:
    """All of them, four queries."""
    active = await _rows(connection, _ACTIVE)
    ended = await _rows(connection, _ENDED)
    stages = await _rows(connection, _STAGES, bounds=list(STAGE_BOUNDS_S))
    (deliveries,) = await _rows(connection, _DELIVERIES)
    return Measures(
        active={(row["status"], row["stage"]): row["jobs"] for row in active},
        ended={row["status"]: row["jobs"] for row in ended},
        oldest_queued_s=max((float(row["oldest_s"]) for row in active if row["status"] == "queued"), default=0.0),
        recoveries=sum(int(row["recoveries"]) for row in (*active, *ended)),
        stages={name: _stage_times(stages, name) for name in {row["stage"] for row in stages}},
        webhooks_pending=deliveries["pending"],
        webhooks_retrying=deliveries["retrying"],
        webhooks_failed=deliveries["failed"],
        webhook_lag_s=float(deliveries["lag_s"]),
    )


def _stage_times(rows: Sequence[Row], name: str) -> StageTimes:
    mine = {row["bin"]: row for row in rows if row["stage"] == name}
    times = tuple(mine[place]["times"] if place in mine else 0 for place in range(len(STAGE_BOUNDS_S) + 1))
    return StageTimes(times, sum(row["total_s"] for row in mine.values()))


async def _rows(connection: AsyncConnection, query: TextClause, **values: Any) -> Sequence[Row]:
    return list((await connection.execute(query, values)).mappings())
