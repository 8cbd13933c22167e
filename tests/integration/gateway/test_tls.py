"""TLS by setting: a certificate makes the port speak TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1, and nothing else."""

import asyncio
import datetime as dt
import ssl
import warnings

import grpc
import grpc.aio
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from clipzy_server.app.gateway import TlsFiles
from tests.gateways import gateway


def make_certificate(folder):
    """A self-signed certificate for localhost, valid for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = TlsFiles(folder / "cert.pem", folder / "key.pem")
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
async def secured(upstream, files):
    async with gateway(upstream, tls=files) as running:
        yield running


def trusting(files):
    return ssl.create_default_context(cafile=str(files.certificate))


async def handshake(port, context):
    """The version and the protocol that are agreed on."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    agreed = writer.get_extra_info("ssl_object")
    writer.close()
    return agreed.version(), agreed.selected_alpn_protocol()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("protocol", ["h2", "http/1.1"])
async def test_both_versions_and_both_protocols_are_spoken(secured, files, version, protocol):
    context = trusting(files)
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols([protocol])
    assert await handshake(secured.port, context) == (version.name.replace("_", "."), protocol)


async def test_an_older_version_is_refused(secured, files):
    context = trusting(files)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        await handshake(secured.port, context)


async def test_rest_and_grpc_are_answered(secured, files):
    async with httpx.AsyncClient(verify=trusting(files), trust_env=False) as http:
        answer = await http.get(f"https://localhost:{secured.port}/api/v1/jobs")
    assert answer.json()["metadata"]["x-forwarded-proto"] == "https"
    credentials = grpc.ssl_channel_credentials(files.certificate.read_bytes())
    async with grpc.aio.secure_channel(f"localhost:{secured.port}", credentials) as channel:
        assert await channel.unary_unary("/clipzy.v1.JobService/GetJob")(b"")


async def test_plain_text_gets_no_answer(secured):
    assert await secured.raw(b"GET /api/v1/jobs HTTP/1.1\r\nhost: x\r\n\r\n") == b""
