import numpy as np
import pytest

from clipzy_server.media.mapped import let_go, passing
from tests.mappings import kib_in_memory


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 5000])
def test_slices_cover_all_once(count):
    numbers = np.arange(count)
    assert [n for part in passing(count, 1000, numbers) for n in numbers[part]] == list(numbers)


def test_what_is_written_by_the_way_stays_in_the_file_and_leaves_the_memory(tmp_path):
    path = tmp_path / "samples"
    path.write_bytes(bytes(32 << 20))
    samples = np.memmap(path, np.float32, "r+", shape=(1 << 22, 2))
    most_kib = 0
    for part in passing(len(samples), 1 << 15, samples):
        samples[part] = part.start + 1
        most_kib = max(most_kib, kib_in_memory(path))
    assert 256 <= most_kib <= 4096
    assert kib_in_memory(path) == 0
    np.testing.assert_array_equal(samples[:: 1 << 15, 1], np.arange(0, len(samples), 1 << 15) + 1)


def test_views_of_a_map_let_it_go_and_arrays_in_memory_stay(tmp_path):
    np.save(tmp_path / "rows.npy", np.ones((4096, 64)))
    rows, plain = np.load(tmp_path / "rows.npy", mmap_mode="r"), np.ones(4)
    assert rows[:, 3:7].sum() == 4 * 4096
    let_go(np.asarray(rows)[5:, ::2], plain)
    assert kib_in_memory(tmp_path / "rows.npy") == 0
    assert plain.sum() == 4
