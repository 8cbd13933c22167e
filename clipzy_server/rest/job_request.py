"""The body of `POST /jobs`: names, types and enumerations; ranges are the use cases' rule."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from clipzy_server.domain.job import Dimension, JobConfig, JobMode, Quality
from clipzy_server.domain.style import AspectRatio
from clipzy_server.rest.body import WHOLE, Id, RequestModel, Rule, WebhookUrl, within
from clipzy_server.rest.style_json import StyleJson
from clipzy_server.usecases.job_rules import MAX_PRIORITY
from clipzy_server.usecases.requests import NewJob
from clipzy_server.usecases.style_rules import FRAME_RATES

# An even number of pixels, 16 to 8192.
_SIDE = "(1[68]|[2-9][02468]|[1-9][0-9][02468]|[1-7][0-9]{2}[02468]|80[0-9][02468]|81[0-8][02468]|819[02])"


def _given(name: str, kind: str) -> dict[str, Any]:
    return {"required": [name], "properties": {name: {"type": kind}}}


_STYLE_ID, _STYLE_JSON = _given("style_id", "string"), _given("style_json", "object")
_STYLE: dict[str, Any] = {"required": ["config"], "properties": {"config": {"anyOf": [_STYLE_ID, _STYLE_JSON]}}}


class JobConfigJson(RequestModel):
    """Every key is optional; the defaults are the published ones. `style_id` and `style_json` exclude each other."""

    model_config = ConfigDict(json_schema_extra={"not": {"allOf": [_STYLE_ID, _STYLE_JSON]}})

    quality: Quality = Quality.HIGH
    mode: JobMode = JobMode.TRANSFER
    style_id: Id | None = None
    style: StyleJson | None = Field(default=None, alias="style_json")
    strength: Annotated[float, within(0, 1)] = 1.0
    apply: Annotated[tuple[Dimension, ...], Rule({"uniqueItems": True})] = tuple(Dimension)
    aspect_ratio: AspectRatio | None = None
    frame_rate: Annotated[int, Rule({"enum": list(FRAME_RATES)}), WHOLE] | None = None
    resolution: Annotated[str, Rule({"pattern": f"^{_SIDE}x{_SIDE}$"})] | None = None
    keep_duration: bool = False
    priority: Annotated[int, within(-MAX_PRIORITY, MAX_PRIORITY), WHOLE] = 0
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
    """What to do to which video. A template excludes a style in `config`."""

    model_config = ConfigDict(json_schema_extra={"not": {"allOf": [_given("template_video_id", "string"), _STYLE]}})

    video_id: Id
    template_video_id: Id | None = None
    webhook_url: WebhookUrl | None = None
    config: JobConfigJson = JobConfigJson()

    def to_domain(self) -> NewJob:
        """The job asked for."""
        return NewJob(
            video_id=self.video_id,
            template_video_id=self.template_video_id,
            webhook_url=self.webhook_url,
            config=self.config.to_domain(),
        )
