"""`clipzy webhook-secret`."""

from clipzy_server.app.reach import reach_database
from clipzy_server.app.settings import Settings
from clipzy_server.store.owners import find_owner
from clipzy_server.usecases.webhooks import WebhookSecrets


async def webhook_secret(settings: Settings, owner_name: str, *, rotate: bool) -> str | None:
    """The owner's current secret, a new one if it is to `rotate`; None when nobody has this name."""
    async with reach_database(settings) as database:
        async with database.reading() as connection:
            owner = await find_owner(connection, owner_name)
        if owner is None:
            return None
        secrets = WebhookSecrets(database)
        if rotate:
            return await secrets.rotate(owner.owner_id)
        return (await secrets.signing(owner.owner_id))[0]
