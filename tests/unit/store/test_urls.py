from urllib.parse import quote

import pytest
from asyncpg.connect_utils import _parse_connect_dsn_and_args
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

from clipzy_server.store.urls import database_urls

word = st.text("abcdefghij0123456789_é ß@:/?#%&=+", min_size=1, max_size=12)
folder = st.text("abcxyz019-_. %é", min_size=1, max_size=20).map(lambda name: f"/run/{name.strip()}x")


def _by_asyncpg(url: str) -> dict[str, object]:
    addresses, params, *_ = _parse_connect_dsn_and_args(
        dsn=url, host=None, port=None, user=None, password=None, passfile=None, database=None, ssl=None,
        service=None, servicefile=None, direct_tls=None, server_settings=None, target_session_attrs=None,
        krbsrvname=None, gsslib=None,
    )  # fmt: skip
    return {"address": addresses[0], "user": params.user, "database": params.database, "password": params.password}


@given(word, word, folder, st.integers(1, 65535))
def test_a_unix_socket_is_the_same_place_in_every_form(user: str, database: str, socket: str, port: int) -> None:
    name = quote(database, safe="")
    urls = database_urls(f"postgresql://{quote(user, safe='')}@/{name}?host={quote(socket)}&port={port}")

    libpq = conninfo_to_dict(urls.psycopg)
    assert (libpq["user"], libpq["dbname"], libpq["host"], libpq["port"]) == (user, database, socket, str(port))
    sqlalchemy = make_url(urls.dbos)
    assert (sqlalchemy.username, sqlalchemy.query["host"]) == (user, socket)


@given(word, word, st.integers(1, 65535))
def test_a_server_is_the_same_place_in_every_form(user: str, password: str, port: int) -> None:
    urls = database_urls(f"postgres://{quote(user, safe='')}:{quote(password, safe='')}@db.example:{port}/clipzy")

    libpq = conninfo_to_dict(urls.psycopg)
    assert (libpq["user"], libpq["password"], libpq["host"], libpq["port"]) == (user, password, "db.example", str(port))
    assert _by_asyncpg(urls.asyncpg) == {
        "address": ("db.example", port),
        "user": user,
        "database": "clipzy",
        "password": password,
    }
    sqlalchemy = make_url(urls.dbos)
    assert (sqlalchemy.drivername, sqlalchemy.username, sqlalchemy.password) == ("postgresql+psycopg", user, password)
    assert (sqlalchemy.host, sqlalchemy.port, sqlalchemy.database) == ("db.example", port, "clipzy")


def test_options_of_libpq_that_the_server_would_refuse_stay_away_from_asyncpg() -> None:
    urls = database_urls("postgresql://u@h/d?connect_timeout=5&sslmode=disable&application_name=x")
    assert "connect_timeout" not in urls.asyncpg
    assert "sslmode=disable" in urls.asyncpg
    assert "connect_timeout=5" in urls.psycopg


def test_every_dialect_name_is_understood() -> None:
    assert database_urls("postgresql+asyncpg://u@h/d") == database_urls("postgres://u@h/d")


@pytest.mark.parametrize("url", ["", "mysql://u@h/d", "sqlite:///x.db", "postgresql://u@h", "postgresql://u@h/"])
def test_what_is_no_postgresql_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="database URL"):
        database_urls(url)
