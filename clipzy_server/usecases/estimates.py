"""How long a job would take, from how long like jobs took here."""

from sqlalchemy.ext.asyncio import AsyncConnection

from clipzy_server.domain.job import JobConfig, JobMode
from clipzy_server.domain.video import Video
from clipzy_server.store import pace
from clipzy_server.usecases.requests import Estimate

_PUBLISHED_SECONDS_PER_MEDIA_SECOND = 1.0
"""The published speed on a CPU at 1080p, 35 to 65 s a minute, at its slow end; used until a job has been measured."""
_SHORT_S = 2.0


async def estimate_seconds(
    connection: AsyncConnection, footage: Video, template: Video | None, config: JobConfig
) -> Estimate:
    """Seconds of processing: the media to read, times the median need per second of completed jobs of this mode."""
    is_extraction = config.mode is JobMode.EXTRACT_ONLY
    measured = await pace.seconds_per_media_second(connection, config.mode)
    warnings = []
    if measured is None:
        warnings.append("No job of this mode has been measured here yet: the estimate is the published speed.")
    read = [footage] if template is None else [template] if is_extraction else [footage, template]
    media_s = sum(video.metadata.duration_seconds for video in read)
    warnings += [
        f"{video.video_id} is shorter than {_SHORT_S:g} s: little can be measured of it."
        for video in read
        if video.metadata.duration_seconds < _SHORT_S
    ]
    seconds = media_s * (_PUBLISHED_SECONDS_PER_MEDIA_SECOND if measured is None else measured)
    return Estimate(valid=True, estimated_seconds=round(seconds, 1), warnings=tuple(warnings))
