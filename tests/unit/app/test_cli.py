import subprocess
import sys

import pytest


def _modules(*arguments: str) -> str:
    script = f"import sys; sys.argv = ['clipzy', *{arguments!r}]; from clipzy_server.app.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", script], capture_output=True, check=False, text=True
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(("arguments", "loads"), [(("serve", "--help"), False), (("--help",), True)])
def test_the_client_is_loaded_only_where_it_may_be_asked(arguments: tuple[str, ...], loads: bool) -> None:
    assert ("clipzy_client.cli" in _modules(*arguments)) is loads
