import gc
import mmap

from clipzy_server.media.spare_memory import let_go_of_spare_memory, settle
from tests.mappings import kib_in_memory

PAGE = mmap.PAGESIZE


def mapped(path, **kind):
    path.write_bytes(bytes(range(256)) * (4 * PAGE // 256))
    with path.open("r+b") as file:
        mapping = mmap.mmap(file.fileno(), 0, **kind)
    assert sum(mapping[::PAGE]) == 0
    return mapping


def test_what_was_only_read_leaves_the_memory_and_comes_back(tmp_path):
    mapping = mapped(tmp_path / "constants", flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
    assert kib_in_memory(tmp_path / "constants") > 0
    let_go_of_spare_memory()
    assert kib_in_memory(tmp_path / "constants") == 0
    assert (mapping[1], mapping[3 * PAGE + 7]) == (1, 7)


def test_what_was_written_stays_as_it_was_written(tmp_path):
    mapping = mapped(tmp_path / "private", access=mmap.ACCESS_COPY)
    mapping[5] = 99
    let_go_of_spare_memory()
    assert (mapping[5], mapping[6]) == (99, 6)


def test_what_is_shared_with_others_is_left_alone(tmp_path):
    mapping = mapped(tmp_path / "shared", access=mmap.ACCESS_READ)
    before = kib_in_memory(tmp_path / "shared")
    let_go_of_spare_memory()
    assert kib_in_memory(tmp_path / "shared") == before > 0
    mapping.close()


def test_what_a_process_loaded_is_not_looked_through_again():
    threshold = gc.get_threshold()
    gc.disable()
    try:
        settle()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 10_000
        assert len(gc.get_objects()) < 1_000
    finally:
        gc.unfreeze()
        gc.enable()
        gc.set_threshold(*threshold)
