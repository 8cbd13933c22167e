"""What the template of all tasks has ready, and what it does not carry."""

import json
import os
import subprocess
import sys

from clipzy_server.media.sandbox import _ONE_THREAD

_LOOK = """
import gc, json, os
from importlib import import_module
from clipzy_server.app.work import PRELOADED
for module in PRELOADED:
    import_module(module)
from clipzy_server.analysis.sound import beat_networks
from clipzy_server.media.kernels.oversample import highest
from numba.core.dispatcher import Dispatcher
overloads = [each for one in gc.get_objects() if isinstance(one, Dispatcher) for each in one.overloads.values()]
print(json.dumps({
    "threads": len(os.listdir("/proc/self/task")),
    "networks of beats": beat_networks._networks.cache_info().misses,
    "kernels": len(overloads),
    "with bitcode": sum(each.library._shared_module is not None for each in overloads),
    "signatures": len(highest.signatures),
}))
"""


def test_the_template_has_kernels_without_bitcode_no_network_of_beats_and_no_second_thread():
    told = subprocess.run(
        [sys.executable, "-c", _LOOK], capture_output=True, env={**os.environ, **_ONE_THREAD}, check=True
    )
    found = json.loads(told.stdout)
    assert found.pop("kernels") > 30
    assert found == {"threads": 1, "networks of beats": 0, "with bitcode": 0, "signatures": 1}
