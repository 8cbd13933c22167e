from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest

from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.media.colour_coding import Matrix, to_rgb_matrix
from clipzy_server.media.frames import decode
from tests.unit.media.clips import as_frame, scene, write_sound, write_video

BT709 = {"color_primaries": 1, "color_trc": 1, "colorspace": 1, "color_range": 1}


def flat(y, u, v, size=(64, 96), kind=np.uint8, chroma=2):
    small = (size[0] // chroma, size[1] // chroma)
    return [np.full(size, y, kind), np.full(small, u, kind), np.full(small, v, kind)]


def test_plain_pictures_are_the_decoders_own_planes(tmp_path):
    path = write_video(tmp_path / "a.mp4", [scene(n) for n in range(3)], tags=BT709)
    with av.open(str(path)) as source:
        wanted = [frame.to_ndarray() for frame in source.decode(video=0)]
    for frame, truth in zip(decode(path), wanted, strict=True):
        np.testing.assert_array_equal(frame.y, truth[:90])
        assert frame.u.shape == frame.v.shape == (45, 80)
        assert frame.y.flags.c_contiguous


def test_measured_pictures_keep_the_block_edges_of_those_that_no_other_needs_and_are_the_same_on_average(tmp_path):
    usual = {"preset": "medium", "crf": "23", "bf": "3"}
    path = write_video(tmp_path / "a.mp4", [scene(n, 96, 160) for n in range(24)], tags=BT709, options=usual)
    shown = np.array([frame.y for frame in decode(path)], float)
    measured = np.array([frame.y for frame in decode(path, as_coded=True)], float)
    differ = np.abs(measured - shown).max(axis=(1, 2)) > 0
    assert 0 < differ.sum() < len(shown)
    apart = (measured - shown).reshape(len(shown), 12, 8, 20, 8).mean(axis=(2, 4))
    assert np.abs(apart).max() < 4.0
    assert np.abs(apart).mean() < 0.1


def test_line_padding_is_left_out(tmp_path):
    picture = scene(1, 50, 70)
    path = write_video(tmp_path / "a.mp4", [picture], tags=BT709)
    frame = next(decode(path))
    assert (frame.y.shape, frame.u.shape) == ((50, 70), (25, 35))
    assert np.abs(np.diff(frame.y.astype(int), axis=1)).max() < 60


def test_full_range_becomes_limited(tmp_path):
    path = write_video(tmp_path / "a.mp4", [flat(255, 128, 128)], tags={**BT709, "color_range": 2}, pix_fmt="yuvj420p")
    assert int(next(decode(path)).y.mean().round()) == 235


def test_ten_bit_422_becomes_eight_bit_420(tmp_path):
    planes = [np.full((64, 96), 500, np.uint16), np.full((64, 48), 600, np.uint16), np.full((64, 48), 400, np.uint16)]
    path = write_video(tmp_path / "a.mp4", [planes], pix_fmt="yuv422p10le", tags=BT709)
    frame = next(decode(path))
    assert [round(float(p.mean())) for p in (frame.y, frame.u, frame.v)] == [125, 150, 100]
    assert frame.u.shape == (32, 48)


def test_untagged_small_pictures_are_bt601(tmp_path):
    path = write_video(tmp_path / "a.mp4", [flat(82, 90, 240)])
    frame = next(decode(path))
    assert [round(float(p.mean())) for p in (frame.y, frame.u, frame.v)] == pytest.approx([63, 102, 240], abs=3)


def test_a_resized_untagged_picture_keeps_its_colours(tmp_path):
    small, large = (write_video(tmp_path / f"{n}.mp4", [flat(82, 90, 240, size=(n, n))]) for n in (64, 720))
    colours = [[float(p.mean()) for p in (f.y, f.u, f.v)] for f in (next(decode(small)), next(decode(large)))]
    assert colours[0] == pytest.approx(colours[1], abs=1)


def test_rotation_turns_the_picture_upright(tmp_path):
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[:32, :48] = 220
    path = write_video(tmp_path / "a.mp4", [picture], turn=90, tags=BT709)
    with av.open(str(path)) as source:
        turns = round(next(source.decode(video=0)).rotation / 90)
    frame = next(decode(path))
    assert frame.y.shape == (96, 64)
    upright = np.rot90(picture[..., 0], turns)
    assert np.mean((frame.y > 120) == (upright > 110)) > 0.98


def test_wide_pixels_are_stretched(tmp_path):
    path = write_video(tmp_path / "a.mp4", [scene(2, 64, 48)], sar="2/1", tags=BT709)
    frame = next(decode(path))
    assert (frame.y.shape, frame.u.shape) == ((64, 96), (32, 48))


def test_time_stamps_are_the_truth(tmp_path):
    pts = [0, 40, 200, 210, 1000]
    path = write_video(tmp_path / "a.mkv", [scene(n) for n in range(5)], pts=pts, tags=BT709)
    assert [frame.time_s for frame in decode(path)] == [Fraction(p, 1000) for p in pts]


@pytest.mark.parametrize(("start", "first"), [(0, 0), (0.5, 12), (1.0, 25), (99, 49)])
def test_a_start_gives_the_frame_on_display_then(tmp_path, start, first):
    path = write_video(tmp_path / "a.mp4", [scene(n % 4, 32, 48) for n in range(50)], tags=BT709)
    times = [frame.time_s for frame in decode(path, start)]
    assert times == [Fraction(n, 25) for n in range(first, 50)]


def test_damaged_frames_are_left_out(tmp_path):
    path = write_video(tmp_path / "a.avi", [scene(n) for n in range(12)], codec="mpeg4")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    path.write_bytes(data)
    times = [frame.time_s for frame in decode(path)]
    assert len(times) >= 3
    assert all(a < b for a, b in pairwise(times))


def test_full_chroma_is_averaged(tmp_path):
    planes = flat(120, 90, 170, chroma=1)
    planes[1][:, ::2], planes[2][::2] = 110, 190
    path = write_video(tmp_path / "a.mp4", [planes], pix_fmt="yuv444p", tags=BT709)
    frame = next(decode(path))
    assert [round(float(p.mean())) for p in (frame.y, frame.u, frame.v)] == pytest.approx([120, 100, 180], abs=1)
    assert frame.u.shape == (32, 48)


def test_wide_colours_of_conventional_gamma_become_bt709(tmp_path):
    rgb = np.array([0.6, 0.5, 0.4])
    light = np.linalg.inv([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]) @ rgb**2.4
    y, u, v = np.linalg.inv(to_rgb_matrix(Matrix.BT2020)) @ rgb
    planes = flat(*(round(float(c)) for c in (64 + 876 * y, 512 + 896 * u, 512 + 896 * v)), kind=np.uint16)
    wide = {"color_primaries": 9, "color_trc": 14, "colorspace": 9, "color_range": 1}
    frame = next(decode(write_video(tmp_path / "a.mp4", [planes], pix_fmt="yuv420p10le", tags=wide)))
    y, u, v = np.linalg.inv(to_rgb_matrix(Matrix.BT709)) @ np.clip(light, 0, 1) ** (1 / 2.4)
    wanted = [16 + 219 * y, 128 + 224 * u, 128 + 224 * v]
    assert [float(p.mean()) for p in (frame.y, frame.u, frame.v)] == pytest.approx(wanted, abs=1.5)


def test_hlg_grey_comes_out_as_bright_as_it_was_meant(tmp_path):
    light = (0.5**2 / 3) ** 1.2 * 1000 / 203
    hlg = {"color_primaries": 9, "color_trc": 18, "colorspace": 9, "color_range": 1}
    path = write_video(tmp_path / "a.mp4", [flat(64 + 438, 512, 512, kind=np.uint16)], pix_fmt="yuv420p10le", tags=hlg)
    assert next(decode(path)).y.mean() == pytest.approx(16 + 219 * light ** (1 / 2.4), abs=2)


def write_streams(path, sizes, cover=False):
    """A stream of one flat picture for each (height, width), brighter one by one; the last may be a cover picture."""
    with av.open(str(path), "w") as out:
        streams = []
        for number, (height, width) in enumerate(sizes):
            is_cover = cover and number == len(sizes) - 1
            stream = out.add_stream("mjpeg" if is_cover else "mpeg4", rate=25)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p" if is_cover else "yuv420p"
            if is_cover:
                stream.disposition = av.stream.Disposition.attached_pic
            streams.append(stream)
        for number, (stream, size) in enumerate(zip(streams, sizes, strict=True)):
            frame = as_frame(flat(60 + 60 * number, 128, 128, size), stream.pix_fmt)
            frame.pts = 0
            out.mux([*stream.encode(frame), *stream.encode(None)])
    return path


def test_a_cover_picture_is_no_film(tmp_path):
    path = write_streams(tmp_path / "a.mp4", [(64, 96), (128, 192)], cover=True)
    assert [frame.y.shape for frame in decode(path)] == [(64, 96)]


def test_of_several_pictures_one_is_decoded_from_beginning_to_end(tmp_path):
    path = write_streams(tmp_path / "a.mkv", [(64, 96), (64, 96)])
    assert len([frame.y.mean() for frame in decode(path)]) == 1


def test_a_file_without_a_picture_is_refused(tmp_path):
    with pytest.raises(Invalid) as refusal:
        next(decode(write_sound(tmp_path / "a.mp4")))
    assert refusal.value.code is ErrorCode.NO_VIDEO_STREAM


def test_pq_hdr_grey_comes_out_as_bright_as_it_was_meant(tmp_path):
    power = (203 * 0.5 / 10000) ** (2610 / 16384)
    code = ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
    picture = flat(round(64 + 876 * code), 512, 512, kind=np.uint16)
    hdr = {"color_primaries": 9, "color_trc": 16, "colorspace": 9, "color_range": 1}
    path = write_video(tmp_path / "a.mp4", [picture], pix_fmt="yuv420p10le", tags=hdr)
    assert next(decode(path)).y.mean() == pytest.approx(16 + 219 * 0.5 ** (1 / 2.4), abs=3)
