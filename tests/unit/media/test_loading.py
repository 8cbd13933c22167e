import gc
import importlib
import subprocess
import sys

import pytest

from clipzy_server.media.loading import without


def test_a_hidden_module_cannot_be_imported_until_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "wave", raising=False)
    with without(["wave"]), pytest.raises(ImportError):
        importlib.import_module("wave")
    assert importlib.import_module("wave").__name__ == "wave"


def test_what_was_loaded_before_is_not_hidden() -> None:
    with without(["gc"]):
        assert importlib.import_module("gc") is gc


def test_parts_of_a_package_are_empty_until_they_are_imported() -> None:
    without = "from clipzy_server.media.loading import without_parts; without_parts('numpy', ('f2py',)); "
    taken = "from numpy import *; import sys; assert 'numpy.f2py' not in sys.modules and 'main' not in dir(f2py); "
    loaded = "import numpy.f2py; assert numpy.f2py.main"
    assert subprocess.run([sys.executable, "-c", without + taken + loaded], check=False).returncode == 0


def test_garbage_waits_and_logs_have_no_colours() -> None:
    loaded = "from clipzy_server.media.loading import load_at_once; load_at_once(); import gc, sys; "
    told = "sys.exit(gc.isenabled() or 'rich.console' in sys.modules or 'structlog' not in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded + told], check=False).returncode == 0
