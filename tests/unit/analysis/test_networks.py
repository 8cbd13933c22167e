"""Networks that are kept optimised."""

import os
import subprocess
import sys

import numpy as np
import pytest

from clipzy_server.analysis import networks
from clipzy_server.analysis.sound.yamnet import CLASSES
from clipzy_server.analysis.words.networks import FINDER, READER
from clipzy_server.app.warm import NETWORKS

INPUTS = {
    CLASSES: np.random.default_rng(1).integers(0, 256, (1, 1, 96, 64)).astype(np.uint8),
    FINDER: np.random.default_rng(2).random((1, 3, 64, 96), np.float32),
    READER: np.random.default_rng(3).random((1, 3, 48, 96), np.float32),
}


def answer(session, network):
    return session.run(None, {session.get_inputs()[0].name: INPUTS[network]})[0]


@pytest.fixture
def empty(tmp_path, monkeypatch):
    monkeypatch.setattr(networks, "_KEPT", tmp_path / "kept")
    return tmp_path / "kept"


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_a_kept_network_answers_as_the_one_it_was_made_of(network, empty):
    plain = network.session()
    network.keep()
    (kept,) = empty.iterdir()
    assert kept.name.startswith(network.name)
    ready = network.session()
    np.testing.assert_array_equal(answer(ready, network), answer(plain, network))
    described = plain.get_modelmeta().custom_metadata_map
    assert ready.get_modelmeta().custom_metadata_map == described


def test_what_is_kept_is_used_and_not_made_again(empty):
    CLASSES.keep()
    (kept,) = empty.iterdir()
    graph = kept / "graph.onnx"
    graph.write_bytes(b"another")
    CLASSES.keep()
    assert graph.read_bytes() == b"another"
    with pytest.raises(Exception, match="model"):
        CLASSES.session()


def test_two_that_keep_it_at_once_leave_one(empty, monkeypatch):
    CLASSES.keep()
    (kept,) = empty.iterdir()
    before = (kept / "graph.onnx").stat().st_ino
    monkeypatch.setattr(networks.Path, "exists", lambda _: False)
    CLASSES.keep()
    assert [*empty.iterdir()] == [kept]
    assert (kept / "graph.onnx").stat().st_ino == before


def test_what_another_processor_keeps_is_not_used(empty, monkeypatch):
    CLASSES.keep()
    monkeypatch.setattr(networks, "get_host_cpu_name", lambda: "another")
    CLASSES.keep()
    assert len(list(empty.iterdir())) == 2


def test_a_session_starts_no_thread_that_would_tell_of_it():
    code = """
import os
from clipzy_server.analysis.sound.yamnet import CLASSES
CLASSES.session()
print(len(os.listdir("/proc/self/task")))
"""
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": ""}
    told = subprocess.run([sys.executable, "-c", code], env=alone, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["1"]
