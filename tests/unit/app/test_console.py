"""The console's routes: every file, guarded, and nothing from elsewhere."""

import re
from pathlib import Path

import pytest

from clipzy_server.app.console import MAX_FILE_BYTES, console_routes

FOLDER = Path(__file__).parents[3] / "gateway" / "console"
FILES = sorted(FOLDER.iterdir())


def headers(route):
    return {entry["header"]["key"]: entry["header"]["value"] for entry in route["response_headers_to_add"]}


def answers(path, status=200, **options):
    routes = console_routes(FOLDER, **options)
    return next(
        route for route in routes if route["match"]["path"] == path and route["direct_response"]["status"] == status
    )


def test_the_address_itself_is_the_page():
    route = answers("/")
    assert route["direct_response"]["body"]["filename"] == str(FOLDER / "index.html")
    assert headers(route)["content-type"] == "text/html; charset=utf-8"


def test_a_known_file_is_not_sent_again():
    tag = headers(answers("/console/app.js"))["etag"]
    assert {"name": "if-none-match", "string_match": {"contains": tag}} in answers("/console/app.js", 304)["match"][
        "headers"
    ]


def test_nothing_may_come_from_elsewhere_or_run_inline():
    policy = headers(answers("/"))["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert policy.endswith("connect-src 'self'")


def test_the_storage_that_downloads_are_redirected_to_may_be_asked():
    policy = headers(answers("/", storage_origins=("https://s3.example",)))["content-security-policy"]
    assert policy.endswith("connect-src 'self' https://s3.example")


@pytest.mark.parametrize("route", [route for route in console_routes(FOLDER) if "body" in route["direct_response"]])
def test_every_file_fits_into_a_direct_response(route):
    assert Path(route["direct_response"]["body"]["filename"]).stat().st_size <= MAX_FILE_BYTES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_file_names_an_address_or_makes_markup_of_text(file):
    text = file.read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|innerHTML|insertAdjacentHTML|document\.write|\beval\b", text)


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.suffix in (".js", ".html")], ids=lambda file: file.name
)
def test_what_a_file_asks_for_is_there(file):
    served = {route["match"]["path"] for route in console_routes(FOLDER)}
    asked = re.findall(r'from "\./([\w.]+)"|(?:src|href)="/console/([\w.]+)"', file.read_text())
    assert {f"/console/{module or linked}" for module, linked in asked} <= served
