from pathlib import Path

import pytest
from pydantic import ValidationError

from clipzy_server.app.settings import AuthMode, Settings, StorageType

PUBLISHED = {
    "CORS_ORIGINS": ("https://a.example,https://b.example", "cors_origins", ("https://a.example", "https://b.example")),
    "LOCAL_STORAGE_PATH": ("/srv/videos", "local_storage_path", Path("/srv/videos")),
    "MAX_FILE_SIZE_MB": ("12", "max_file_size_mb", 12),
    "PROCESSING_TIMEOUT_SECONDS": ("90", "processing_timeout_seconds", 90.0),
    "MAX_CONCURRENT_JOBS": ("3", "max_concurrent_jobs", 3),
    "LOG_LEVEL": ("debug", "log_level", "DEBUG"),
    "AWS_REGION": ("eu-central-1", "aws_region", "eu-central-1"),
    "S3_BUCKET_NAME": ("clips", "s3_bucket_name", "clips"),
}


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PUBLISHED, "STORAGE_TYPE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"CLIPZY_{name}", raising=False)


@pytest.mark.parametrize("prefix", ["", "CLIPZY_"])
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_names_work_with_and_without_the_prefix(
    monkeypatch: pytest.MonkeyPatch, prefix: str, name: str
) -> None:
    text, field, value = PUBLISHED[name]
    monkeypatch.setenv(prefix + name, text)
    assert getattr(Settings(), field) == value


def test_the_prefixed_name_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FILE_SIZE_MB", "1")
    monkeypatch.setenv("CLIPZY_MAX_FILE_SIZE_MB", "2")
    assert Settings().max_file_bytes == 2 * 1024 * 1024


def test_defaults_are_the_published_ones() -> None:
    settings = Settings()
    assert settings.max_file_size_mb == 1000
    assert settings.processing_timeout_seconds == 3600
    assert settings.job_ttl_seconds == 604_800
    assert settings.cors_origins == ("*",)
    assert settings.auth is AuthMode.TOKEN
    assert settings.storage_type is StorageType.LOCAL
    assert settings.concurrent_jobs >= 1


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_CONCURRENT_JOBS", "")
    assert Settings().max_concurrent_jobs is None


def test_auth_can_be_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIPZY_AUTH", "off")
    assert Settings().auth is AuthMode.OFF


def test_s3_needs_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_TYPE", "s3")
    with pytest.raises(ValidationError, match="S3_BUCKET_NAME"):
        Settings()


def test_local_storage_lies_under_the_data_folder() -> None:
    assert Settings(data_dir=Path("/data/clipzy")).storage_folder == Path("/data/clipzy/storage")


def test_a_certificate_needs_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIPZY_TLS_CERT", "/etc/clipzy/cert.pem")
    with pytest.raises(ValidationError, match="CLIPZY_TLS_KEY"):
        Settings()
    monkeypatch.setenv("CLIPZY_TLS_KEY", "/etc/clipzy/key.pem")
    assert Settings().tls_key == Path("/etc/clipzy/key.pem")


@pytest.mark.parametrize("address", ["127.0.0.1:9464", "[::1]:9464"])
def test_metrics_listen_on_loopback(address: str) -> None:
    assert Settings(metrics_address=address).metrics_address == address


@pytest.mark.parametrize("address", ["0.0.0.0:9464", "10.0.0.1:1", "9464", "127.0.0.1:70000", "example.com:1"])
def test_metrics_listen_nowhere_else(address: str) -> None:
    with pytest.raises(ValidationError, match="loopback address like"):
        Settings(metrics_address=address)


@pytest.mark.parametrize(
    ("endpoint", "origins"),
    [
        ("http://storage:9000/", ("http://storage:9000",)),
        ("", ("https://s3.eu-central-1.amazonaws.com", "https://clips.s3.eu-central-1.amazonaws.com")),
    ],
)
def test_downloads_are_redirected_to_the_storage_only_by_links(
    monkeypatch: pytest.MonkeyPatch, endpoint: str, origins: tuple[str, ...]
) -> None:
    for name, value in {"STORAGE_TYPE": "s3", "S3_BUCKET_NAME": "clips", "AWS_REGION": "eu-central-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    assert Settings().storage_origins == ()
    monkeypatch.setenv("CLIPZY_S3_PRESIGN_SECONDS", "60")
    assert Settings().storage_origins == origins
