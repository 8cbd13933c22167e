"""What the template of all tasks has ready."""

import os
import subprocess
import sys

from clipzy_server.media.sandbox import _ONE_THREAD

_LOOK = """
import os
from importlib import import_module
from clipzy_server.analysis.sound import beat_networks, yamnet
from clipzy_server.app.work import PRELOADED
for module in PRELOADED:
    import_module(module)
made = yamnet.unpacked.cache_info, beat_networks._networks.cache_info
print(len(os.listdir("/proc/self/task")), *(info().misses for info in made))
print(len(yamnet.unpacked()), *(info().misses for info in made))
"""


def test_the_template_has_the_network_of_classes_at_hand_none_of_beats_and_no_second_thread():
    told = subprocess.run(
        [sys.executable, "-c", _LOOK], capture_output=True, env={**os.environ, **_ONE_THREAD}, check=True
    )
    assert told.stdout.split() == [b"1", b"1", b"0", b"2", b"1", b"0"]
