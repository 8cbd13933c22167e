from datetime import UTC, datetime, timedelta

import pytest

from clipzy_client.webhooks import InvalidWebhook, verify
from clipzy_server.jobs.post import Message, signed_headers

SECRET, OTHER = ("whsec_" + letter * 43 + "=" for letter in "AE")
BODY = '{"job_id": "job_1", "message": "Grüße"}'.encode()


def headers(at: datetime | None = None, body: bytes = BODY) -> dict[str, str]:
    signed = signed_headers(Message("dlv_1", body, (SECRET,)), at or datetime.now(UTC))
    return {str(name).title(): str(value) for name, value in signed.items()}


def test_a_message_of_ours_is_given_back():
    assert verify(BODY, headers(), SECRET) == {"job_id": "job_1", "message": "Grüße"}


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_message_may_not_be_played_again(minutes):
    with pytest.raises(InvalidWebhook):
        verify(BODY, headers(datetime.now(UTC) + timedelta(minutes=minutes)), SECRET)


@pytest.mark.parametrize(
    ("body", "changes", "secret"),
    [
        (BODY + b" ", {}, SECRET),
        (BODY, {}, OTHER),
        (BODY, {"Webhook-Id": "dlv_2"}, SECRET),
        (BODY, {"Webhook-Signature": "nonsense"}, SECRET),
        (BODY, {"Webhook-Signature": "v1,***"}, SECRET),
        (BODY, {"Webhook-Timestamp": "soon"}, SECRET),
        (BODY, {"Webhook-Timestamp": ""}, SECRET),
        (b"\xff", {}, SECRET),
    ],
)
def test_anything_else_is_refused(body, changes, secret):
    with pytest.raises(InvalidWebhook):
        verify(body, headers() | changes, secret)


def test_what_is_signed_but_no_json_is_refused():
    with pytest.raises(InvalidWebhook):
        verify(b"hello", headers(body=b"hello"), SECRET)


def test_a_secret_that_is_none_is_told_apart():
    with pytest.raises(ValueError, match="ASCII"):
        verify(BODY, headers(), "whsec_é")
