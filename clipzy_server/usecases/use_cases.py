"""Everything that one may do, for the services that let it be done."""

from dataclasses import dataclass

from clipzy_server.usecases.health import Health
from clipzy_server.usecases.jobs import Jobs
from clipzy_server.usecases.quotas import Usages
from clipzy_server.usecases.resumable import ResumableUploads
from clipzy_server.usecases.styles import Styles
from clipzy_server.usecases.videos import Videos
from clipzy_server.usecases.webhooks import Webhooks


@dataclass(frozen=True, slots=True)
class UseCases:
    """One of each noun."""

    health: Health
    videos: Videos
    uploads: ResumableUploads
    jobs: Jobs
    styles: Styles
    usages: Usages
    webhooks: Webhooks
