"""The bill of materials of an installation, as CycloneDX 1.6: what was locked, with hashes and licences.

`python -m clipzy_server.app.materials requirements.lock`; the licences are what the installed packages say.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from clipzy_server import __version__

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_LONGEST_LICENCE_NAME = 64
"""Some packages put the whole text where its name belongs."""


@dataclass(frozen=True, slots=True)
class Material:
    """A locked package, and the SHA-256 of each of its files that may be installed."""

    name: str
    version: str
    sha256: tuple[str, ...]


def read_lock(text: str) -> tuple[Material, ...]:
    """The packages of a requirements file with hashes, in its order."""
    return tuple(_materials(text))


def bill_of_materials(materials: tuple[Material, ...]) -> dict[str, Any]:
    """The document; the same for the same lock and the same installation."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"pkg:pypi/clipzy@{__version__}",
                "name": "clipzy",
                "version": __version__,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": [_component(material) for material in materials],
    }


def _materials(text: str) -> Iterator[Material]:
    for entry in re.sub(r"\\\n", " ", text).splitlines():
        if pin := _PIN.match(entry):
            yield Material(pin[1].lower(), pin[2], tuple(_HASH.findall(entry)))


def _component(material: Material) -> dict[str, Any]:
    url = f"pkg:pypi/{material.name}@{material.version}"
    licence = _licence(material.name)
    return {
        "type": "library",
        "bom-ref": url,
        "name": material.name,
        "version": material.version,
        "purl": url,
        # A component has one set of hashes of one file; a locked package has several files to choose from.
        "externalReferences": [
            {
                "type": "distribution",
                "url": url,
                "hashes": [{"alg": "SHA-256", "content": digest}],
            }
            for digest in material.sha256
        ],
        **({"licenses": [{"license": {"name": licence}}]} if licence else {}),
    }


def _licence(name: str) -> str | None:
    try:
        told = metadata.metadata(name).json
    except metadata.PackageNotFoundError:
        return None
    classified = [line.rpartition(" :: ")[2] for line in told.get("classifier", []) if line.startswith("License")]
    for text in (told.get("license_expression"), told.get("license"), ", ".join(classified)):
        if text and len(text) <= _LONGEST_LICENCE_NAME and "\n" not in text:
            return str(text)
    return None


def main() -> None:
    """Print the bill of the lock file named."""
    bill = bill_of_materials(read_lock(Path(sys.argv[1]).read_text(encoding="utf-8")))
    sys.stdout.write(json.dumps(bill, indent=1) + "\n")


if __name__ == "__main__":
    main()
