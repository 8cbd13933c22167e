"""Quotas and their use as JSON."""

from pydantic import BaseModel, ConfigDict


class MeterJson(BaseModel):
    """What is used, and the most that may be; null where there is no limit."""

    model_config = ConfigDict(from_attributes=True)

    used: int
    limit: int | None


class UsageJson(BaseModel):
    """Everything that has a quota."""

    model_config = ConfigDict(from_attributes=True)

    stored_bytes: MeterJson
    active_jobs: MeterJson
    requests_per_minute: MeterJson
