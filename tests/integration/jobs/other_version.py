"""Makes this process one of another version, where the test says so; imported before all that takes the name over."""

import os

from clipzy_server.store import queue

queue.APPLICATION_VERSION = os.environ.get("CLIPZY_TEST_VERSION", queue.APPLICATION_VERSION)
