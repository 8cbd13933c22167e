"""Files are tagged, constant in rate, in sync, indexed in front, and equal for equal input."""

from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest

from clipzy_server.domain.job import Quality
from clipzy_server.domain.plan import OutputFormat
from clipzy_server.media.writer import SOUND_RATE_HZ, Mp4Writer

WIDTH, HEIGHT = 96, 64


def write(path, rate=Fraction(30), frames=45, sound=True, quality=Quality.LOW):
    """A white picture and a click at the same moments: output frames 10, 25 and 40."""
    noise = np.random.default_rng(5)
    ground = noise.integers(60, 120, (HEIGHT * 3 // 2, WIDTH)).astype(np.uint8)
    ground[HEIGHT:] = 128
    samples = np.zeros((2, round(frames / rate * SOUND_RATE_HZ)), np.float32)
    for frame in range(10, frames, 15):
        at = round(frame / rate * SOUND_RATE_HZ)
        samples[:, at : at + 480] = 0.8 * np.sin(2 * np.pi * 2000 * np.arange(480) / SOUND_RATE_HZ)
    with Mp4Writer(path, OutputFormat(WIDTH, HEIGHT, rate, quality), has_sound=sound) as writer:
        for frame in range(frames):
            planes = ground.copy()
            if frame % 15 == 10:
                planes[:HEIGHT] = 235
            writer.write_picture(planes)
        if sound:
            for first in range(0, samples.shape[1], 7000):
                writer.write_sound(samples[:, first : first + 7000])
    return path


def decoded(path):
    with av.open(str(path)) as container:
        pictures = [(frame.time, frame.to_ndarray(format="gray").mean()) for frame in container.decode(video=0)]
    with av.open(str(path)) as container:
        blocks = [(frame.time, frame.to_ndarray()) for frame in container.decode(audio=0)]
    return pictures, blocks


def boxes(path):
    data, at, names = path.read_bytes(), 0, []
    while at + 8 <= len(data):
        names.append(data[at + 4 : at + 8].decode())
        at += int.from_bytes(data[at : at + 4], "big")
    return names


def test_the_file_is_tagged_and_indexed_in_front(tmp_path):
    path = write(tmp_path / "a.mp4")
    names = boxes(path)
    assert names.index("moov") < names.index("mdat")
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0].codec_context, container.streams.audio[0].codec_context
        assert (video.name, video.pix_fmt, video.width, video.height) == ("h264", "yuv420p", WIDTH, HEIGHT)
        assert (video.color_primaries, video.color_trc, video.colorspace, video.color_range) == (1, 1, 1, 1)
        assert (audio.name, audio.profile, audio.sample_rate, audio.layout.name) == ("aac", "LC", 48000, "stereo")
        assert "creation_time" not in {**container.metadata, **container.streams.video[0].metadata}


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(30000, 1001), Fraction(60), Fraction(337, 10)])
def test_the_rate_is_constant_and_exact(tmp_path, rate):
    path = write(tmp_path / "a.mp4", rate, 30, sound=False)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == rate
        times = [frame.pts * stream.time_base for frame in container.decode(stream)]
    assert times == [k / rate for k in range(30)]


def test_picture_and_sound_start_together_and_stay_together(tmp_path):
    pictures, blocks = decoded(write(tmp_path / "a.mp4"))
    assert pictures[0][0] == 0
    assert abs(blocks[0][0]) < 1 / SOUND_RATE_HZ
    sound = np.abs(np.concatenate([block for _, block in blocks], axis=1)[0])
    flashes = [time for time, bright in pictures if bright > 200]
    starts = list(np.flatnonzero(sound > 0.3))
    clicks = [starts[0], *[b for a, b in pairwise(starts) if b - a > 4800]]
    assert flashes == pytest.approx([10 / 30, 25 / 30, 40 / 30])
    assert [click / SOUND_RATE_HZ for click in clicks] == pytest.approx(flashes, abs=0.003)


def test_without_sound_there_is_no_sound_track(tmp_path):
    path = write(tmp_path / "a.mp4", sound=False)
    with av.open(str(path)) as container:
        assert not container.streams.audio
    with Mp4Writer(tmp_path / "b.mp4", OutputFormat(16, 16, Fraction(30), Quality.LOW), has_sound=False) as writer:
        writer.write_picture(np.full((24, 16), 128, np.uint8))
        with pytest.raises(ValueError, match="without a sound track"):
            writer.write_sound(np.zeros((2, 4096), np.float32))


def test_equal_input_gives_equal_bytes(tmp_path):
    assert write(tmp_path / "a.mp4").read_bytes() == write(tmp_path / "b.mp4").read_bytes()


def test_better_quality_is_nearer_to_the_original(tmp_path):
    ground = np.random.default_rng(5).integers(60, 120, (HEIGHT * 3 // 2, WIDTH)).astype(np.uint8)[:HEIGHT]
    errors = []
    for quality in Quality:
        path = write(tmp_path / f"{quality}.mp4", frames=9, sound=False, quality=quality)
        with av.open(str(path)) as container:
            shown = [frame.to_ndarray()[:HEIGHT].astype(float) for frame in container.decode(video=0)]
        errors.append(float(np.square(np.stack(shown) - ground).mean()))
    assert errors[0] > errors[1] > errors[2]


def moving_planes():
    """Texture that moves, 25 frames at a width of 13 macroblocks."""
    rng = np.random.default_rng(1)
    texture = np.kron(rng.integers(30, 220, (64, 64)), np.ones((8, 8), int))
    for frame in range(25):
        planes = np.full((552, 208), 128, np.uint8)
        planes[:368] = texture[frame // 2 : frame // 2 + 368, 3 * frame : 3 * frame + 208] + rng.integers(
            -8, 8, (368, 208)
        )
        yield planes


def test_widths_that_vectors_do_not_fill_give_equal_bytes_too(tmp_path):
    made = set()
    for number in range(5):
        with Mp4Writer(
            tmp_path / f"{number}.mp4", OutputFormat(208, 368, Fraction(24), Quality.HIGH), has_sound=False
        ) as out:
            for planes in moving_planes():
                out.write_picture(planes)
        made.add((tmp_path / f"{number}.mp4").read_bytes())
    assert len(made) == 1


@pytest.mark.parametrize(("width", "height"), [(96, 64), (96, 62), (90, 64), (90, 62)])
def test_every_plane_stays_in_its_place(tmp_path, width, height):
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    flat, size = planes.reshape(-1), width * height
    u, v = flat[size : size * 5 // 4].reshape(height // 2, -1), flat[size * 5 // 4 :].reshape(height // 2, -1)
    planes[:height] = 60
    planes[10:20, 8:24] = 200
    u[20:28, 30:40], v[6:12, 4:10] = 60, 190
    with Mp4Writer(tmp_path / "a.mp4", OutputFormat(width, height, Fraction(30), Quality.HIGH), has_sound=False) as out:
        for _ in range(3):
            out.write_picture(planes)
    with av.open(str(tmp_path / "a.mp4")) as container:
        made = next(container.decode(video=0)).to_ndarray()
    assert np.abs(made.astype(int) - planes).mean() < 2
