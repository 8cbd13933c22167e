import io
import subprocess
import sys
import zipfile

import av
import numpy as np
import pytest
from PIL import Image

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.media.file_rules import FileRules
from clipzy_server.media.probe import is_variable, probe, probe_task
from tests.unit.media.clips import scene, write_sound, write_video

PICTURES = [scene(n % 3, 48, 64) for n in range(30)]


def refusal(path, limits=None):
    with pytest.raises(Invalid) as refused:
        probe(path, limits)
    return refused.value.code


@pytest.mark.parametrize(
    ("suffix", "codec", "named", "format_name"),
    [
        ("mp4", "libx264", "h264", "mp4"),
        ("mov", "libx264", "h264", "mov"),
        ("mkv", "libx264", "h264", "mkv"),
        ("mp4", "libx265", "h265", "mp4"),
        ("avi", "mpeg4", "mpeg4", "avi"),
        ("webm", "libvpx", "vp8", "webm"),
    ],
)
def test_every_format_is_told_by_its_content(tmp_path, suffix, codec, named, format_name):
    path = write_video(tmp_path / f"a.{suffix}", PICTURES, codec=codec).rename(tmp_path / "clip.bin")
    found = probe(path)
    assert (found.format, found.codec, found.width, found.height) == (format_name, named, 64, 48)
    assert found.frame_rate == pytest.approx(25, abs=0.01)
    assert found.duration_seconds == pytest.approx(1.2, abs=0.05)
    assert found.bitrate_kbps == pytest.approx(path.stat().st_size * 8 / found.duration_seconds / 1000, abs=1)
    assert (found.has_audio, found.audio_codec, found.is_hdr, found.is_variable_frame_rate) == (
        False,
        None,
        False,
        False,
    )


def test_size_is_that_of_the_display(tmp_path):
    assert probe(write_video(tmp_path / "wide.mp4", PICTURES[:2], sar="2/1")).width == 128
    turned = probe(write_video(tmp_path / "turned.mp4", PICTURES[:2], turn=90))
    assert (turned.width, turned.height, turned.rotation_degrees % 180) == (48, 64, 90)


def test_a_variable_rate_is_seen_and_its_mean_told(tmp_path):
    pts = np.cumsum([0] + [30, 30, 30, 75] * 7).tolist()
    found = probe(write_video(tmp_path / "a.mp4", PICTURES[:29], pts=pts))
    assert found.is_variable_frame_rate
    assert found.frame_rate == pytest.approx(28 / pts[-1] * 1000, rel=0.03)


def test_a_frame_lacking_at_the_start_does_not_change_the_rate(tmp_path):
    whole = write_video(tmp_path / "whole.avi", PICTURES[:24], rate=24, codec="mpeg4")
    with av.open(str(whole)) as source, av.open(str(tmp_path / "a.avi"), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.pts = packet.dts = packet.dts + (packet.dts > 0)
                packet.stream = stream
                out.mux(packet)
    assert probe(tmp_path / "a.avi").frame_rate == 24


def test_rounding_to_milliseconds_is_no_variable_rate():
    assert not is_variable(tuple(round(n * 1001 / 24000, 3) for n in range(200)), 0.001)


def test_pq_is_hdr(tmp_path):
    hdr = {"color_primaries": 9, "color_trc": 16, "colorspace": 9}
    assert probe(write_video(tmp_path / "a.mp4", PICTURES[:2], pix_fmt="yuv420p10le", tags=hdr)).is_hdr


def test_one_frame_is_a_video(tmp_path):
    found = probe(write_video(tmp_path / "a.mp4", PICTURES[:1]))
    assert found.duration_seconds == pytest.approx(0.04, abs=0.01)
    assert found.frame_rate > 0


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.mp4", b"x" * 500)
    return packed.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"just some words\n" * 99,
        b"<!doctype html><html></html>",
        _zip(),
        np.random.default_rng(1).bytes(5000),
        bytes(5000),
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    ],
)
def test_what_is_no_video_is_unsupported(tmp_path, content):
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    assert refusal(path) is ErrorCode.UNSUPPORTED_FORMAT


def test_damage_is_told_from_another_format(tmp_path):
    path = write_video(tmp_path / "a.mp4", PICTURES)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    assert refusal(path) is ErrorCode.CORRUPT_VIDEO
    path.write_bytes(b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(100_000))
    assert refusal(path) is ErrorCode.CORRUPT_VIDEO


def test_a_file_that_breaks_off_behind_its_index_is_damaged(tmp_path):
    whole, path = write_video(tmp_path / "whole.mp4", PICTURES), tmp_path / "a.mp4"
    with av.open(str(whole)) as source, av.open(str(path), "w", options={"movflags": "+faststart"}) as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    content = path.read_bytes()
    assert content.find(b"moov") < content.find(b"mdat")
    assert probe(path).format == "mp4"
    path.write_bytes(content[: len(content) * 6 // 10])
    assert refusal(path) is ErrorCode.CORRUPT_VIDEO


def test_sound_alone_is_no_video(tmp_path):
    assert refusal(write_sound(tmp_path / "a.mp4")) is ErrorCode.NO_VIDEO_STREAM


@pytest.mark.parametrize(
    "limits",
    [
        FileRules(max_pixels=1000),
        FileRules(max_seconds=1.0),
        FileRules(max_streams=0),
        FileRules(max_frames=1),
        FileRules(max_frame_rate=1.0),
    ],
)
def test_limits_are_kept(tmp_path, limits):
    assert refusal(write_video(tmp_path / "a.mp4", PICTURES), limits) is ErrorCode.LIMIT_EXCEEDED


@pytest.mark.parametrize("by_content", [True, False])
def test_a_moving_picture_of_no_supported_format_is_refused_whoever_decides(tmp_path, by_content):
    path = tmp_path / "a.mp4"
    Image.new("L", (64, 48)).save(path, "GIF", save_all=True, append_images=[Image.new("L", (64, 48), 255)])
    assert refusal(path, FileRules(by_content=by_content)) is ErrorCode.UNSUPPORTED_FORMAT


def test_a_video_is_read_where_ffmpeg_guesses_too(tmp_path):
    assert probe(write_video(tmp_path / "a.mp4", PICTURES), FileRules(by_content=False)).codec == "h264"


def test_the_task_speaks_plain_values(tmp_path):
    seen = []
    path = write_video(tmp_path / "a.mp4", PICTURES[:2])
    plain = probe_task({"path": str(path), "filename": "a.mp4"}, seen.append)
    assert (plain["codec"], plain["width"], seen) == ("h264", 64, [1.0])
    with av.open(str(path)) as source:
        assert source.streams.video[0].frames == 2


def test_the_probe_loads_no_compiler():
    heavy = "import clipzy_server.media.probe, sys; sys.exit(bool({'numba', 'scipy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", heavy], check=False).returncode == 0
