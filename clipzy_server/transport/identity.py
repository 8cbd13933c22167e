"""Who calls, and may they: the bearer token of a call → its owner."""

from clipzy_server.domain.errors import ErrorCode, Forbidden, Unauthorized
from clipzy_server.domain.owner import Access, Scope
from clipzy_server.transport.call import Call, become
from clipzy_server.usecases.owners import Owners
from clipzy_server.usecases.rates import RequestRates


class Identity:
    """Establishes the owner of each call, and counts it."""

    def __init__(self, owners: Owners, rates: RequestRates | None = None, *, required: bool = True) -> None:
        self._owners = owners
        self._rates = rates or RequestRates()
        self._required = required

    async def establish(self, call: Call, needed: Scope | None) -> None:
        """Makes the caller the current owner; where `needed` is None nobody is asked.

        Raises Unauthorized when the token is missing or no good, Exhausted (RATE_LIMITED) when its owner calls too
        often, Forbidden when it does not go so far.
        """
        if needed is None:
            return
        access = await self._access(call)
        become(access.owner)
        self._rates.take(access.owner.owner_id)
        if not access.scope.includes(needed):
            detail = f"This call needs a token of scope {needed}; this one has {access.scope}."
            raise Forbidden(ErrorCode.FORBIDDEN, "Forbidden", detail)

    async def _access(self, call: Call) -> Access:
        if not self._required:
            return await self._owners.anonymous()
        return await self._owners.authenticate(_bearer_token(call))


def _bearer_token(call: Call) -> str:
    scheme, _, token = str(call.metadata.get("authorization", "")).partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized
    return token
