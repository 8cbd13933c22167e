from datetime import UTC, datetime, timedelta

import pytest

from clipzy_server.domain.owner import Owner, Scope, TokenRecord, TokenState

NOW = datetime(2024, 5, 1, tzinfo=UTC)


def test_each_scope_includes_those_before_it():
    included = {scope: [needed for needed in Scope if scope.includes(needed)] for scope in Scope}
    assert included == {
        Scope.READ: [Scope.READ],
        Scope.WRITE: [Scope.READ, Scope.WRITE],
        Scope.ADMIN: [Scope.READ, Scope.WRITE, Scope.ADMIN],
    }


@pytest.mark.parametrize(
    ("expires_at", "revoked_at", "state"),
    [
        (None, None, TokenState.GOOD),
        (NOW + timedelta(seconds=1), None, TokenState.GOOD),
        (NOW, None, TokenState.EXPIRED),
        (None, NOW - timedelta(days=1), TokenState.REVOKED),
        (NOW, NOW, TokenState.REVOKED),
    ],
)
def test_a_token_is_good_until_it_expires_or_is_revoked(expires_at, revoked_at, state):
    token = TokenRecord("tok_1", Owner("own_1", "ada"), Scope.READ, NOW - timedelta(days=2), expires_at, revoked_at)
    assert token.state(NOW) is state
