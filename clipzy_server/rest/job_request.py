"""The body of `POST /jobs`: names, types and enumerations; ranges are the use cases' rule."""

from pydantic import Field

from clipzy_server.domain.job import Dimension, JobConfig, JobMode, Quality
from clipzy_server.domain.style import AspectRatio
from clipzy_server.rest.body import Id, RequestModel
from clipzy_server.rest.style_json import StyleJson
from clipzy_server.usecases.requests import NewJob


class JobConfigJson(RequestModel):
    """Every key is optional; the defaults are the published ones."""

    quality: Quality = Quality.HIGH
    mode: JobMode = JobMode.TRANSFER
    style_id: Id | None = None
    style: StyleJson | None = Field(default=None, alias="style_json")
    strength: float = 1.0
    apply: tuple[Dimension, ...] = tuple(Dimension)
    aspect_ratio: AspectRatio | None = None
    frame_rate: int | None = None
    resolution: str | None = None
    keep_duration: bool = False
    priority: int = 0
    dry_run: bool = False

    def to_domain(self) -> JobConfig:
        """The settings asked for."""
        return JobConfig(
            quality=self.quality,
            mode=self.mode,
            style_id=self.style_id,
            style_json=self.style.to_domain() if self.style else None,
            strength=float(self.strength),
            apply=self.apply,
            aspect_ratio=self.aspect_ratio,
            frame_rate=self.frame_rate,
            resolution=self.resolution,
            keep_duration=self.keep_duration,
            priority=self.priority,
            dry_run=self.dry_run,
        )


class NewJobJson(RequestModel):
    """What to do to which video."""

    video_id: Id
    template_video_id: Id | None = None
    webhook_url: str | None = None
    config: JobConfigJson = JobConfigJson()

    def to_domain(self) -> NewJob:
        """The job asked for."""
        return NewJob(
            video_id=self.video_id,
            template_video_id=self.template_video_id,
            webhook_url=self.webhook_url,
            config=self.config.to_domain(),
        )
