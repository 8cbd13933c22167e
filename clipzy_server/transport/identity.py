"""Who calls: the bearer token of a call → its owner."""

from clipzy_server.domain.errors import Unauthorized
from clipzy_server.transport.call import Call, become
from clipzy_server.usecases.owners import Owners

OPEN_TO_ALL = (
    "/grpc.health.v1.Health/",
    "/grpc.reflection.",
    "/clipzy.v1.HealthService/",
    "/clipzy.rest.v1.HealthService/",
)


class Identity:
    """Establishes the owner of each call; methods that begin with one of `open_to_all` need none."""

    def __init__(self, owners: Owners, *, required: bool = True, open_to_all: tuple[str, ...] = OPEN_TO_ALL) -> None:
        self._owners = owners
        self._required = required
        self._open_to_all = open_to_all

    async def establish(self, call: Call) -> None:
        """Makes the caller the current owner; raises Unauthorized when the token is missing or unknown."""
        if call.method.startswith(self._open_to_all):
            return
        if not self._required:
            become(await self._owners.anonymous())
            return
        become(await self._owners.authenticate(_bearer_token(call)))


def _bearer_token(call: Call) -> str:
    scheme, _, token = str(call.metadata.get("authorization", "")).partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized
    return token
