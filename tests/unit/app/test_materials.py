from pathlib import Path

from clipzy_server.app.materials import Material, bill_of_materials, read_lock

LOCK = Path(__file__).parents[3] / "requirements.lock"
A, B = "a" * 64, "b" * 64


def test_a_lock_is_read_with_all_its_hashes() -> None:
    numpy = f"NumPy==2.1.0 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}\n    # via scipy\n"
    assert read_lock(f"# a comment\n{numpy}av==18.1.0 \\\n    --hash=sha256:{B}\n") == (
        Material("numpy", "2.1.0", (A, B)),
        Material("av", "18.1.0", (B,)),
    )


def test_every_locked_package_is_in_the_bill_with_a_hash() -> None:
    materials = read_lock(LOCK.read_text())
    bill = bill_of_materials(materials)
    pinned = [line for line in LOCK.read_text().splitlines() if "==" in line and not line.startswith((" ", "#"))]
    assert len(bill["components"]) == len(pinned) > 100
    assert len({component["bom-ref"] for component in bill["components"]}) == len(pinned)
    for component in bill["components"]:
        assert component["externalReferences"], component["name"]


def test_nearly_every_package_tells_its_licence() -> None:
    components = bill_of_materials(read_lock(LOCK.read_text()))["components"]
    silent = [component["name"] for component in components if "licenses" not in component]
    assert len(silent) < len(components) / 10
