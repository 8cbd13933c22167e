"""A server that stops while it is asked."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.gateways import gateway

CALLS = 20


async def test_calls_that_the_server_leaves_behind_when_it_stops_may_be_tried_again(stoppable):
    async with gateway(stoppable.address) as edge:
        url = f"http://127.0.0.1:{edge.port}/api/v1/jobs"
        with ThreadPoolExecutor(CALLS) as pool:
            asked = [pool.submit(httpx.get, url, timeout=20, trust_env=False) for _ in range(CALLS)]
            # They arrive while the server has no time for them.
            time.sleep(1)  # noqa: ASYNC251 - which is the point
            await stoppable.server.stop(0)
            answers = [await asyncio.wrap_future(one) for one in asked]
    told = {(answer.status_code, answer.json().get("error", {}).get("code")) for answer in answers}
    assert told <= {(200, None), (503, "UNAVAILABLE")}
    assert (503, "UNAVAILABLE") in told
