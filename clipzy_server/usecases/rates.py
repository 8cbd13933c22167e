"""How many requests an owner may send: a bucket of tokens each, refilled steadily."""

import time
from dataclasses import dataclass

from clipzy_server.domain.errors import ErrorCode, Exhausted
from clipzy_server.domain.usage import Meter

_KNOWN_AT_MOST = 10_000


@dataclass(slots=True)
class _Bucket:
    """Requests that may still come, as of the monotonic instant `at_s`."""

    left: float
    at_s: float


class RequestRates:
    """`per_minute` requests at once, and so many a minute in the long run; 0 is no limit.

    Each process counts for itself: asking the database would cost every request more than most of them take.
    """

    def __init__(self, per_minute: int = 0) -> None:
        self._per_minute = per_minute
        self._buckets: dict[str, _Bucket] = {}

    def take(self, owner_id: str) -> None:
        """Count one request; raises Exhausted (RATE_LIMITED), which costs nothing."""
        if not self._per_minute:
            return
        bucket = self._refilled(owner_id)
        if bucket.left < 1:
            detail = f"At most {self._per_minute} requests a minute."
            wait_s = (1 - bucket.left) * 60 / self._per_minute
            raise Exhausted(ErrorCode.RATE_LIMITED, "Too many requests", detail, retry_after_s=wait_s)
        bucket.left -= 1

    def meter(self, owner_id: str) -> Meter:
        """What counts against the limit now."""
        if not self._per_minute:
            return Meter(0, None)
        return Meter(self._per_minute - int(self._refilled(owner_id).left), self._per_minute)

    def _refilled(self, owner_id: str) -> _Bucket:
        now_s = time.monotonic()
        bucket = self._buckets.get(owner_id)
        if bucket is None:
            if len(self._buckets) >= _KNOWN_AT_MOST:
                self._forget_full(now_s)
            bucket = self._buckets[owner_id] = _Bucket(self._per_minute, now_s)
        bucket.left = self._level(bucket, now_s)
        bucket.at_s = now_s
        return bucket

    def _level(self, bucket: _Bucket, now_s: float) -> float:
        return min(self._per_minute, bucket.left + (now_s - bucket.at_s) * self._per_minute / 60)

    def _forget_full(self, now_s: float) -> None:
        full = [
            owner_id for owner_id, bucket in self._buckets.items() if self._level(bucket, now_s) >= self._per_minute
        ]
        for owner_id in full:
            del self._buckets[owner_id]
