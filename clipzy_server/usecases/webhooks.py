"""Webhooks: the log of deliveries, and the secrets that sign them."""

import base64
import secrets

from clipzy_server.domain.errors import ErrorCode, NotFound
from clipzy_server.domain.owner import Owner
from clipzy_server.domain.page import Page, PageRequest
from clipzy_server.domain.webhook import Delivery
from clipzy_server.store import deliveries, jobs, webhook_secrets
from clipzy_server.store.database import Database
from clipzy_server.usecases.jobs import job_not_found

SECRET_PREFIX = "whsec_"  # noqa: S105 - makes leaked secrets findable
_SECRET_BYTES = 32
_GRACE_S = 24 * 3600.0


class Webhooks:
    """What one may do with deliveries. Unknown and other people's ids answer the same."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, owner: Owner, page: PageRequest, job_id: str | None = None) -> Page[Delivery]:
        """A page of the owner's deliveries, newest first, of one job or of all; raises NotFound for an unknown job."""
        if job_id is not None and await jobs.find_job(self._database, owner.owner_id, job_id) is None:
            raise job_not_found(job_id)
        return await deliveries.list_deliveries(self._database, owner.owner_id, page, job_id)

    async def resend(self, owner: Owner, delivery_id: str) -> Delivery:
        """Send the message again, now and, where that fails, on the whole schedule; raises NotFound."""
        async with self._database.transaction() as connection:
            delivery = await deliveries.send_again(connection, owner.owner_id, delivery_id)
        if delivery is None:
            detail = f"There is no delivery {delivery_id}."
            raise NotFound(ErrorCode.DELIVERY_NOT_FOUND, "Delivery not found", detail)
        return delivery


class WebhookSecrets:
    """One secret an owner, made when it is first needed. After a rotation the one before counts for another day."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def signing(self, owner_id: str) -> tuple[str, ...]:
        """All secrets that count now, the current one first. A message is signed with each of them."""
        async with self._database.transaction() as connection:
            valid = await webhook_secrets.list_secrets(connection, owner_id)
            if not valid:
                await webhook_secrets.insert_secret(connection, owner_id, _new_secret())
                valid = await webhook_secrets.list_secrets(connection, owner_id)
        return valid

    async def rotate(self, owner_id: str) -> str:
        """A new secret; receivers have a day to learn it."""
        async with self._database.transaction() as connection:
            await webhook_secrets.retire_secret(connection, owner_id, _GRACE_S)
            await webhook_secrets.insert_secret(connection, owner_id, _new_secret())
            return (await webhook_secrets.list_secrets(connection, owner_id))[0]


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
