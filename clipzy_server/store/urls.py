"""The one database URL in the forms that asyncpg, psycopg and SQLAlchemy's psycopg dialect (DBOS) take.

All are libpq URIs, unix sockets included: `postgresql://user@/clipzy?host=/run/clipzy`.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

_SCHEMES = ("postgresql", "postgres")
# asyncpg would send what it does not know to the server as a setting, and the server would refuse it.
_LIBPQ_ONLY = frozenset(
    {"channel_binding", "client_encoding", "connect_timeout", "fallback_application_name", "gssdelegation"}
    | {"gssencmode", "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval", "requirepeer"}
    | {"sslcompression", "sslcrldir", "sslsni", "tcp_user_timeout"}
)


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """`asyncpg` and `psycopg` begin with `postgresql://`, `dbos` with `postgresql+psycopg://`."""

    asyncpg: str
    psycopg: str
    dbos: str


def database_urls(url: str) -> DatabaseUrls:
    """Every form of `url`. Raises ValueError when it is not a PostgreSQL URL with a database name."""
    parts = urlsplit(url)
    if parts.scheme.split("+")[0] not in _SCHEMES:
        raise ValueError("The database URL must begin with postgresql://")
    if len(parts.path) < 2:
        raise ValueError("The database URL must name a database")
    options = parse_qsl(parts.query, keep_blank_values=True)

    def form(scheme: str, kept: list[tuple[str, str]]) -> str:
        # urlunsplit drops an empty authority, but "postgresql:///clipzy" needs it.
        query = urlencode(kept, quote_via=quote, safe="/")
        tail = urlunsplit(("", "", parts.path, query, ""))
        return f"{scheme}://{parts.netloc}{tail}"

    return DatabaseUrls(
        asyncpg=form("postgresql", [(name, value) for name, value in options if name not in _LIBPQ_ONLY]),
        psycopg=form("postgresql", options),
        dbos=form("postgresql+psycopg", options),
    )
