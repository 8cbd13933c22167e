"""How fast jobs ran here."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain.job import JobMode

_RECENT_JOBS = 50

_PACE = text(
    """
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds / media_s)
    FROM (
      SELECT EXTRACT(EPOCH FROM j.completed_at - j.started_at)::float8 AS seconds,
        CASE WHEN :extraction AND t.video_id IS NOT NULL THEN 0 ELSE (v.probed->>'duration_seconds')::float8 END
        + COALESCE((t.probed->>'duration_seconds')::float8, 0) AS media_s
      FROM clipzy.job j
      JOIN clipzy.video v ON v.video_id = j.video_id
      LEFT JOIN clipzy.video t ON t.video_id = j.template_video_id
      WHERE j.status = 'completed' AND j.config->>'mode' = :mode
      ORDER BY j.completed_at DESC
      LIMIT :recent
    ) AS recent
    WHERE media_s > 0
    """
)


async def seconds_per_media_second(connection: AsyncConnection, mode: JobMode) -> float | None:
    """Median processing seconds per second of video read, over the latest completed jobs; None without any."""
    values = {"mode": mode.value, "extraction": mode is JobMode.EXTRACT_ONLY, "recent": _RECENT_JOBS}
    found = (await connection.execute(_PACE, values)).scalar_one()
    return None if found is None else float(found)
