"""An output made in chunks shows what an output made in one piece shows, and is the same whoever made it."""

from concurrent.futures import Future
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clipzy_server.domain.job import Quality
from clipzy_server.domain.plan import CropKey, EditPlan, OutputFormat, PlannedTransition, Segment
from clipzy_server.domain.style import Easing, TransitionType
from clipzy_server.media.frames import Frame
from clipzy_server.rendering.chunks import chunks
from clipzy_server.rendering.render import Materials, join, render

RATE = Fraction(30000, 1001)
WIDTH, HEIGHT, FRAMES = 128, 72, 200
KEY = (CropKey(0.0, 0.0, 0.0, float(WIDTH), float(HEIGHT)),)


def frames_from(start_s):
    """A bright bar that wanders over a texture; its place tells the frame."""
    coarse = np.random.default_rng(4).integers(40, 120, (HEIGHT // 8, WIDTH // 8), dtype=np.uint8)
    texture = np.kron(coarse, np.ones((8, 8), np.uint8))
    grey = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    for number in range(FRAMES):
        time_s = number / RATE
        if time_s + 1 / RATE <= start_s:
            continue
        y = texture.copy()
        y[:, number % WIDTH : number % WIDTH + 3] = 220
        yield Frame(time_s, y, grey, grey)


def plan(count=180):
    fade = PlannedTransition(TransitionType.DISSOLVE, 12, Easing.LINEAR)
    cut = count // 2
    first = Segment(Fraction(0), 0, cut + 6, None, KEY, None, None)
    second = Segment((cut + 10) / RATE, cut - 6, count - cut + 6, fade, KEY, None, None)
    return EditPlan(OutputFormat(WIDTH, HEIGHT, RATE, Quality.HIGH), (first, second), None, ())


def sound():
    made = Future()
    made.set_result(tone_blocks())
    return made


def tone_blocks():
    tone = np.sin(2 * np.pi * 440 * np.arange(288_288) / 48_000).astype(np.float32) * 0.3
    for first in range(0, len(tone), 24_000):
        yield np.stack([tone[first : first + 24_000]] * 2)


def nobody(_done):
    pass


def made_in_parts(path, report=nobody):
    """Each part by itself, the last one first."""
    parts = chunks(plan(), Fraction(1))
    files = [path.with_name(f"{path.stem}-{number}.mp4") for number in range(len(parts))]
    for file, part in reversed(list(zip(files, parts, strict=True))):
        render(plan(), Materials(frames_from, None, ()), file, report, part)
    join(files, plan(), sound(), path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("chunks")


@pytest.fixture(scope="module")
def whole(folder):
    path = folder / "whole.mp4"
    render(plan(), Materials(frames_from, sound(), ()), path, nobody)
    return path


@pytest.fixture(scope="module")
def parts(folder):
    return made_in_parts(folder / "parts.mp4")


def decoded(path):
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    return [frame.time for frame in frames], np.stack([frame.to_ndarray(format="gray") for frame in frames])


def heard(path):
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)


@pytest.mark.parametrize("late_by", [1, 60, 179])
def test_pictures_do_not_wait_for_the_sound_and_the_file_is_the_same(whole, folder, late_by):
    late = Future()

    def frames(start_s):
        for number, frame in enumerate(frames_from(start_s)):
            if number == late_by:
                late.set_result(tone_blocks())
            yield frame

    path = folder / f"late-{late_by}.mp4"
    render(plan(), Materials(frames, late, ()), path, nobody)
    assert path.read_bytes() == whole.read_bytes()


def test_made_again_it_is_the_same_file(parts, folder):
    assert made_in_parts(folder / "again.mp4").read_bytes() == parts.read_bytes()


def test_pictures_and_times_are_those_of_the_whole(whole, parts):
    times, pictures = decoded(whole)
    again, copied = decoded(parts)
    assert again == times
    assert len(times) == 180
    apart = np.abs(pictures.astype(int) - copied)
    assert apart.mean() < 2
    assert apart.mean(axis=(1, 2)).max() < 5


def test_the_sound_goes_on_over_the_seams(whole, parts):
    assert np.array_equal(heard(whole), heard(parts))


def test_both_files_say_the_same_of_themselves(whole, parts):
    told = []
    for path in (whole, parts):
        with av.open(str(path)) as container:
            context = container.streams.video[0].codec_context
            colours = (context.color_primaries, context.color_trc, context.colorspace, context.color_range)
            told.append((colours, context.pix_fmt, container.streams.video[0].average_rate))
    assert told[0] == told[1]


def test_every_chunk_begins_with_a_key_frame(parts):
    with av.open(str(parts)) as container:
        keys = [frame.pts for frame in container.decode(video=0) if frame.key_frame]
        step = 1 / (RATE * container.streams.video[0].time_base)
    starts = {part.start for part in chunks(plan(), Fraction(1))}
    assert starts <= {round(pts / step) for pts in keys}


def test_progress_grows_in_every_part(folder):
    told = []
    render(plan(), Materials(frames_from, None, ()), folder / "part.mp4", told.append, range(60, 120))
    assert told[-1] == 1.0
    assert all(before <= after for before, after in pairwise(told))


@given(count=st.integers(1, 100_000), chunk_s=st.integers(1, 600))
def test_chunks_cover_the_output_once(count, chunk_s):
    parts = chunks(plan(max(count, 20)), Fraction(chunk_s))
    assert parts[0].start == 0
    assert parts[-1].stop == max(count, 20)
    assert all(before.stop == after.start for before, after in pairwise(parts))
    assert len(parts) == 1 or min(map(len, parts)) >= chunk_s * RATE - 1
