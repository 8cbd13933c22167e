import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook, WebhookVerificationError

from clipzy_server.jobs.outbound import CheckedNetwork
from clipzy_server.jobs.post import Message, Post
from tests.receivers import OK, Receiver, status

OLD, NEW, OTHER = ("whsec_" + letter * 32 for letter in "ABC")
MESSAGE = Message("dlv_1", '{"message": "Grüße"}'.encode(), (NEW, OLD))


async def here(name: str) -> tuple[str, ...]:
    return ("127.0.0.1",)


TRUST = ssl.create_default_context()


def post(*, allow_private: bool = True, **changes) -> Post:
    return Post(CheckedNetwork(here, allow_private=allow_private), **{"tls": TRUST, **changes})


@pytest.fixture
async def receiver():
    async with Receiver().running() as running:
        yield running


async def test_a_message_is_posted_as_it_is(receiver):
    attempt = await post().send(receiver.url("/a?b=c"), MESSAGE)
    (request,) = receiver.got
    assert (attempt.status, attempt.error, attempt.is_success) == (200, None, True)
    assert (request.path, request.body) == ("/a?b=c", MESSAGE.body)
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("Clipzy/")
    assert request.headers["webhook-id"] == "dlv_1"
    assert abs(float(request.headers["webhook-timestamp"]) - attempt.at.timestamp()) < 1


async def test_each_secret_that_counts_verifies_it(receiver):
    await post().send(receiver.url(), MESSAGE)
    (request,) = receiver.got
    for secret in (OLD, NEW):
        assert Webhook(secret).verify(request.body, request.headers) == {"message": "Grüße"}
    for secret, body in ((OTHER, request.body), (NEW, request.body + b" ")):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, request.headers)


@pytest.mark.parametrize("code", [200, 201, 204, 299])
async def test_any_2xx_is_a_success(receiver, code):
    receiver.answers = [status(code)]
    assert (await post().send(receiver.url(), MESSAGE)).is_success


@pytest.mark.parametrize("code", [300, 301, 302, 303, 307, 308, 304, 400, 404, 410, 429, 500, 503])
async def test_anything_else_is_a_failure_and_no_redirect_is_followed(receiver, code):
    async with Receiver().running() as elsewhere:
        receiver.answers = [status(code, f"location: {elsewhere.url()}")]
        attempt = await post().send(receiver.url(), MESSAGE)
        assert (attempt.status, attempt.error, attempt.is_success) == (code, None, False)
        assert (len(receiver.got), elsewhere.connections) == (1, 0)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"hello\r\n\r\n",
        b"HTTP/1.1 200",
        b"\x16\x03\x01" + bytes(500),
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 30_000,
    ],
)
async def test_what_is_no_http_is_no_answer(receiver, answer):
    receiver.answers = [answer]
    attempt = await post().send(receiver.url(), MESSAGE)
    assert (attempt.status, attempt.error) == (None, "No HTTP answer came.")


async def test_an_answer_that_does_not_come_is_not_waited_for(receiver):
    receiver.answers = [None]
    attempt = await post(timeout_s=0.05).send(receiver.url(), MESSAGE)
    assert (attempt.status, attempt.error) == (None, "No answer came in time.")


@pytest.mark.parametrize(
    "tail",
    [
        b"content-length: 99\r\n\r\n",
        b"content-length: 9999999\r\n\r\n" + bytes(200_000),
        b"transfer-encoding: chunked\r\n\r\nno",
    ],
)
async def test_the_status_counts_whatever_the_rest_is(receiver, tail):
    receiver.answers = [b"HTTP/1.1 202 Accepted\r\n" + tail]
    assert (await post().send(receiver.url(), MESSAGE)).status == 202


async def test_nobody_at_home_is_told_as_such():
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        attempt = await post().send(f"http://127.0.0.1:{unheard.getsockname()[1]}/", MESSAGE)
    assert (attempt.status, attempt.error) == (None, "The connection failed.")


async def test_a_name_without_an_address_is_told_as_such():
    async def nowhere(name: str) -> tuple[str, ...]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    attempt = await Post(CheckedNetwork(nowhere, allow_private=False)).send("http://example.com/", MESSAGE)
    assert attempt.error == "The host name has no address."


async def test_a_private_address_is_not_called(receiver):
    attempt = await post(allow_private=False).send(receiver.url(host="hooks.example.com"), MESSAGE)
    assert (attempt.status, attempt.error) == (None, "The address is not public.")
    assert receiver.connections == 0


def certificate(name: str, folder) -> ssl.SSLContext:
    """A server that proves to be `name`, to those who trust `folder`/cert.pem."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    signed = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "cert.pem").write_bytes(signed.public_bytes(pem))
    (folder / "key.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


async def test_tls_asks_the_dialled_address_for_the_certificate_of_the_name(tmp_path):
    context, asked = certificate("hooks.example.com", tmp_path), []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    trust = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    async with Receiver(tls=context).running() as receiver:
        sender = post(tls=trust)
        assert (await sender.send(receiver.url(host="hooks.example.com"), MESSAGE)).status == 200
        assert receiver.got[0].headers["host"] == f"hooks.example.com:{receiver.port}"
        other = await sender.send(receiver.url(host="other.example.com"), MESSAGE)
        assert (other.status, other.error) == (None, "The TLS handshake failed.")
        assert asked == ["hooks.example.com", "other.example.com"]
        unknown = await post().send(receiver.url(host="hooks.example.com"), MESSAGE)
        assert unknown.error == "The TLS handshake failed."
        assert len(receiver.got) == 1


async def test_a_try_that_is_called_off_leaves_no_connection_behind(receiver):
    receiver.answers = [None]
    task = asyncio.create_task(post().send(receiver.url(), MESSAGE))
    await receiver.requests(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_every_try_has_a_connection_of_its_own(receiver):
    receiver.answers = [OK.replace(b"\r\n\r\n", b"\r\nconnection: keep-alive\r\n\r\n")] * 2
    sender = post()
    for _ in range(2):
        assert (await sender.send(receiver.url(), MESSAGE)).is_success
    assert receiver.connections == 2
