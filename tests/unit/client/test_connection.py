import pytest

from clipzy_client.connection import Address, Patience, may_repeat, token_of
from clipzy_client.errors import error_for


@pytest.mark.parametrize(
    ("server", "target", "tls"),
    [
        ("127.0.0.1:8000", "127.0.0.1:8000", False),
        ("unix:/run/clipzy.sock", "unix:/run/clipzy.sock", False),
        ("http://clipzy.example", "clipzy.example:80", False),
        ("https://clipzy.example/", "clipzy.example:443", True),
        ("https://[::1]:8443", "[::1]:8443", True),
        (None, "127.0.0.1:8000", False),
    ],
)
def test_a_server_is_named_in_several_ways(server, target, tls, monkeypatch):
    monkeypatch.delenv("CLIPZY_SERVER", raising=False)
    assert Address.of(server) == Address(target, tls)


@pytest.mark.parametrize("server", ["ftp://clipzy.example", "http://", "http://clipzy.example/api/v1"])
def test_what_names_no_server_is_refused(server):
    with pytest.raises(ValueError, match="neither"):
        Address.of(server)


def test_the_environment_tells_server_and_token(monkeypatch, tmp_path):
    (tmp_path / "token").write_text("secret\n")
    monkeypatch.setenv("CLIPZY_SERVER", "https://clipzy.example")
    monkeypatch.setenv("CLIPZY_TOKEN", f"@{tmp_path / 'token'}")
    assert Address.of(None) == Address("clipzy.example:443", True)
    assert token_of(None) == "secret"
    assert token_of("mine") == "mine"


def test_pauses_double_vary_and_heed_the_server():
    patience = Patience(first_pause_s=1.0, longest_pause_s=4.0)
    for tried, longest in [(1, 1.0), (2, 2.0), (3, 4.0), (30, 4.0)]:
        pauses = {patience.pause_s(tried) for _ in range(50)}
        assert len(pauses) > 1
        assert longest / 2 <= min(pauses) <= max(pauses) <= longest
    assert patience.pause_s(1, error_for("RATE_LIMITED", "", "", None, 9.0)) == 9.0


@pytest.mark.parametrize(
    ("code", "repeatable", "unrepeatable"),
    [
        ("UNAVAILABLE", True, False),
        ("INTERNAL", True, False),
        ("RATE_LIMITED", True, True),
        ("QUOTA_EXCEEDED", False, False),
        ("INSUFFICIENT_STORAGE", False, False),
        ("DEADLINE_EXCEEDED", False, False),
        ("INTERNAL_ERROR", False, False),
        ("JOB_NOT_FOUND", False, False),
    ],
)
def test_only_what_may_succeed_later_is_tried_again(code, repeatable, unrepeatable):
    error = error_for(code, "", "")
    assert may_repeat(error, repeatable=True) is repeatable
    assert may_repeat(error, repeatable=False) is unrepeatable
