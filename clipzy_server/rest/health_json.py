"""The state of the installation as JSON."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from clipzy_server.usecases.health import HealthStatus


class HealthJson(BaseModel):
    """`ok`, or `degraded` while something that can be done without is missing."""

    model_config = ConfigDict(from_attributes=True)

    status: HealthStatus
    version: str
    timestamp: datetime
    dependencies: dict[str, str]
