"""Clips with words laid over them, of known truth: subtitles, titles, lower thirds, logos; and scenes with words of
their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from benchmarks.material.scenes import canvas
from clipzy_server.domain.oklab import rgb_from_planes

SIZES = ((960, 540), (1280, 720), (640, 360), (540, 960))
KINDS = ("subtitles", "title", "lower third", "logo", "none", "sign", "texture")
SECONDS = 6.0
_ROOM = 1.4
_SENTENCES = (
    "the river never sleeps before morning light",
    "we must go now rain has come to valley",
    "nobody said it would be easy",
    "where have you been all these years",
    "look at that mountain they told us so much about yesterday evening",
    "quiet please open door is still waiting for an answer from other side of town",
    "every story needs a good ending",
)
_WORDS = " ".join(_SENTENCES).split()
_COLOURS = ("#ffffff", "#ffffff", "#ffe14a", "#f4f4f4", "#7fe0ff", "#111111", "#ff5a4a")
_DEJAVU = Path("/usr/share/fonts/truetype/dejavu")

Rgb = NDArray[np.uint8]


@dataclass(frozen=True)
class Caption:
    """One line as drawn. `box` holds left, top, right, bottom of its ink, px; `color` is its fill."""

    words: str
    box: tuple[int, int, int, int]
    start_s: float
    end_s: float
    color: str


@dataclass(frozen=True)
class Clip:
    """Frames (uint8[h, w, 3]) at a rate, what was drawn over them, and whether that were subtitles."""

    kind: str
    frames: list[Rgb]
    rate: int
    captions: tuple[Caption, ...]

    @property
    def has_subtitles(self) -> bool:
        """Whether lines follow each other low in the middle."""
        return self.kind == "subtitles"


@dataclass(frozen=True)
class _Look:
    """How a line is set."""

    font: Path | None
    size_px: int
    color: str
    edge: str

    def face(self) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
        return (
            ImageFont.load_default(self.size_px) if self.font is None else ImageFont.truetype(self.font, self.size_px)
        )


def fonts() -> list[Path | None]:
    """Files of faces that differ: what is installed; None is Pillow's own."""
    import font_source_sans_pro  # noqa: PLC0415

    folder = Path(font_source_sans_pro.__file__).parent / "files"
    own = [folder / f"SourceSansPro-{name}.ttf" for name in ("Regular", "Bold", "It", "Light", "Black")]
    others = [_DEJAVU / f"DejaVu{name}.ttf" for name in ("Sans-Bold", "Serif", "SansMono", "SansCondensed-Bold")]
    return [None, *own, *(path for path in others if path.exists())]


def caption_clip(seed: int, footage: Sequence[Sequence[Rgb]] = ()) -> Clip:
    """The clip of a seed: its kind goes round with the seed, all else is drawn by it."""
    rng = np.random.default_rng(seed)
    kind = KINDS[seed % len(KINDS)]
    width, height = SIZES[int(rng.integers(len(SIZES)))]
    rate = int(rng.choice([24, 25, 30]))
    frames = background(rng, kind, (width, height), rate, footage)
    captions: list[Caption] = []
    if kind == "subtitles":
        _subtitles(rng, frames, rate, captions)
    elif kind == "title":
        _title(rng, frames, rate, captions)
    elif kind == "lower third":
        _lower_third(rng, frames, rate, captions)
    elif kind == "logo":
        _logo(rng, frames, rate, captions)
    return Clip(kind, frames, rate, tuple(captions))


def background(
    rng: np.random.Generator, kind: str, size: tuple[int, int], rate: int, footage: Sequence[Sequence[Rgb]]
) -> list[Rgb]:
    """One to three shots, sharp as a camera makes them; signs and textures belong to the scene and move with it."""
    count = int(SECONDS * rate)
    cuts = sorted(rng.uniform(0.2, 0.8, int(rng.integers(0, 3))) * count) if kind != "logo" else [count * 0.5]
    frames: list[Rgb] = []
    for end in [*cuts, count]:
        need = int(end) - len(frames)
        real = [shot for shot in footage if len(shot) >= need > 0]
        if real and kind not in ("sign", "texture") and rng.random() < 0.5:
            frames += [_fitted(frame, size) for frame in real[int(rng.integers(len(real)))][:need]]
        elif need > 0:
            frames += _filmed(rng, _plate(rng, kind, size), size, need, rate)
    grain = float(rng.choice([0, 0, 3, 7]))
    if grain:
        frames = [np.clip(f + rng.normal(0, grain, (*f.shape[:2], 1)), 0, 255).astype(np.uint8) for f in frames]
    return frames


def _fitted(frame: Rgb, size: tuple[int, int]) -> Rgb:
    image = Image.fromarray(frame)
    scale = max(size[0] / image.width, size[1] / image.height)
    image = image.resize((max(size[0], round(image.width * scale)), max(size[1], round(image.height * scale))))
    return np.asarray(image.crop((0, 0, *size)))


def _plate(rng: np.random.Generator, kind: str, size: tuple[int, int]) -> Image.Image:
    """What the camera films, larger than the picture."""
    width, height = (int(side * _ROOM) // 2 * 2 for side in size)
    if rng.random() < 0.1 and kind == "title":
        return Image.new("RGB", (width, height), "black")
    made = canvas(rng, height, width)
    full = [np.repeat(np.repeat(plane, 2, 0), 2, 1) for plane in (made.u, made.v)]
    plate = Image.fromarray((np.clip(rgb_from_planes(made.y, *full), 0, 1) * 255).astype(np.uint8))
    draw = ImageDraw.Draw(plate)
    if kind == "texture":
        _bricks(rng, draw, (width, height))
    if kind == "sign":
        for _ in range(3):
            look = _look(rng, height, 0.04, 0.1)
            at = (rng.uniform(0.1, 0.6) * width, rng.uniform(0.1, 0.8) * height)
            words = _sentence(rng, 2, 3)
            box = draw.textbbox(at, words, font=look.face())
            draw.rectangle((box[0] - 12, box[1] - 8, box[2] + 12, box[3] + 8), fill="#1c3a6e")
            draw.text(at, words, font=look.face(), fill="#f0f0f0")
    return plate.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 0.8))))


def _bricks(rng: np.random.Generator, draw: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    """A wall, a fence or a grating over most of the plate."""
    width, height = size
    high = int(rng.uniform(10, 34))
    wide = int(high * rng.uniform(1, 3))
    tone = tuple(int(v) for v in rng.integers(60, 200, 3))
    for row in range(0, height, high):
        for column in range(-(row // high % 2) * wide // 2, width, wide):
            shade = tuple(int(np.clip(v + rng.normal(0, 14), 0, 255)) for v in tone)
            draw.rectangle((column + 2, row + 2, column + wide - 2, row + high - 2), fill=shade)


def _filmed(rng: np.random.Generator, plate: Image.Image, size: tuple[int, int], count: int, rate: int) -> list[Rgb]:
    """A still, panning, pushing or handheld camera in front of the plate."""
    move = rng.choice(["still", "pan", "push", "handheld"], p=[0.35, 0.25, 0.15, 0.25])
    room = np.array([plate.width - size[0], plate.height - size[1]]) / 2
    turn, speed = rng.uniform(0, 2 * np.pi), rng.uniform(0.15, 0.9)
    frames = []
    for number in range(count):
        t = number / rate - count / rate / 2
        x = y = 0.0
        scale = 1.0
        if move == "pan":
            x, y = (float(part) for part in np.clip(speed * t / 3, -1, 1) * np.array([np.cos(turn), np.sin(turn)]))
        if move == "handheld":
            x, y = (0.12 * np.sin(2 * np.pi * hz * t + turn * hz) for hz in (0.7, 1.1))
        if move == "push":
            scale = 1 + 0.03 * speed * (t + count / rate / 2)
        centre = np.array([plate.width, plate.height]) / 2 + room * np.array([x, y])
        half = np.array(size) / 2 / scale
        box = (*(centre - half), *(centre + half))
        frames.append(np.asarray(plate.resize(size, Image.Resampling.BICUBIC, box)))
    return frames


def _look(rng: np.random.Generator, height: int, least: float, most: float) -> _Look:
    choice = fonts()
    edge = str(rng.choice(["outline", "shadow", "box", "none"], p=[0.35, 0.2, 0.25, 0.2]))
    color = str(rng.choice(_COLOURS))
    return _Look(choice[int(rng.integers(len(choice)))], int(rng.uniform(least, most) * height), color, edge)


def _sentence(rng: np.random.Generator, least: int, most: int) -> str:
    words = " ".join(rng.choice(_WORDS, int(rng.integers(least, most + 1)), replace=False))
    return {0: words.capitalize(), 1: words.upper(), 2: words.title()}[int(rng.integers(3))]


def _subtitles(rng: np.random.Generator, frames: list[Rgb], rate: int, captions: list[Caption]) -> None:
    height, width = frames[0].shape[:2]
    look = _look(rng, height, 0.04, 0.065)
    at_s = float(rng.uniform(0.2, 0.8))
    while at_s < SECONDS - 1.2:
        lasts_s = float(rng.uniform(1.0, 2.2))
        end_s = min(at_s + lasts_s, SECONDS)
        lines = int(rng.integers(1, 3))
        for line in range(lines):
            top = height * 0.93 - (lines - line) * look.size_px * 1.25
            words = _fitting(_sentence(rng, 2, 5), look, width * 0.9)
            _draw(frames, rate, look, words, (width / 2, top), "ma", (at_s, end_s), 0.0, captions)
        at_s = end_s + float(rng.choice([0.0, 0.2, 0.6]))


def _title(rng: np.random.Generator, frames: list[Rgb], rate: int, captions: list[Caption]) -> None:
    height, width = frames[0].shape[:2]
    look = _look(rng, height, 0.07, 0.13)
    start_s = float(rng.choice([0.0, rng.uniform(0.3, 2)]))
    end_s = start_s + float(rng.uniform(1.5, 3.5))
    at = (width / 2, height * rng.uniform(0.3, 0.55))
    words = _fitting(_sentence(rng, 1, 3), look, width * 0.9)
    _draw(frames, rate, look, words, at, "ma", (start_s, end_s), float(rng.choice([0, 0.4, 0.8])), captions)


def _lower_third(rng: np.random.Generator, frames: list[Rgb], rate: int, captions: list[Caption]) -> None:
    height, width = frames[0].shape[:2]
    name = _look(rng, height, 0.055, 0.08)
    role = _Look(name.font, max(14, round(name.size_px * 0.6)), name.color, name.edge)
    start_s = float(rng.uniform(0.5, 1.5))
    span = (start_s, start_s + float(rng.uniform(2, 3.5)))
    fade = float(rng.choice([0, 0.3]))
    top = height * 0.78
    words = _fitting(_sentence(rng, 2, 2), name, width * 0.8)
    _draw(frames, rate, name, words, (width * 0.06, top), "la", span, fade, captions)
    words = _fitting(_sentence(rng, 2, 4), role, width * 0.8)
    _draw(frames, rate, role, words, (width * 0.06, top + name.size_px * 1.3), "la", span, fade, captions)


def _logo(rng: np.random.Generator, frames: list[Rgb], rate: int, captions: list[Caption]) -> None:
    height, width = frames[0].shape[:2]
    look = _look(rng, height, 0.04, 0.06)
    right, low = rng.random() < 0.5, rng.random() < 0.3
    at = (width * (0.96 if right else 0.04), height * (0.9 if low else 0.05))
    words = _sentence(rng, 1, 2).upper()
    _draw(frames, rate, look, words, at, "ra" if right else "la", (0.0, SECONDS), 0.0, captions)


def _fitting(words: str, look: _Look, room_px: float) -> str:
    while look.face().getbbox(words)[2] > room_px and " " in words:
        words = words.rsplit(" ", 1)[0]
    return words


def _draw(  # noqa: PLR0913, PLR0917
    frames: list[Rgb],
    rate: int,
    look: _Look,
    words: str,
    at: tuple[float, float],
    anchor: str,
    span_s: tuple[float, float],
    fade_s: float,
    captions: list[Caption],
) -> None:
    """Paint a line over the frames of its time, and write down what was painted."""
    height, width = frames[0].shape[:2]
    layer = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(layer)
    box = draw.textbbox(at, words, font=look.face(), anchor=anchor)
    dark = look.color == "#111111"
    stroke = max(1, look.size_px // 14) if look.edge == "outline" else 0
    if look.edge == "box":
        pad = look.size_px // 4
        ground = (235, 235, 235, 200) if dark else (0, 0, 0, 170)
        draw.rectangle((box[0] - pad, box[1] - pad, box[2] + pad, box[3] + pad), fill=ground)
    if look.edge == "shadow":
        off = max(1, look.size_px // 16)
        draw.text((at[0] + off, at[1] + off), words, font=look.face(), anchor=anchor, fill="white" if dark else "black")
    edge = "white" if dark else "black"
    draw.text(at, words, font=look.face(), anchor=anchor, fill=look.color, stroke_width=stroke, stroke_fill=edge)
    paint = np.asarray(layer, np.float32)
    first, end = round(span_s[0] * rate), min(len(frames), round(span_s[1] * rate))
    for number in range(first, end):
        shown = 1.0 if not fade_s else min(1.0, (number - first + 1) / rate / fade_s, (end - number) / rate / fade_s)
        alpha = paint[..., 3:] / 255 * shown
        frames[number] = (frames[number] * (1 - alpha) + paint[..., :3] * alpha).astype(np.uint8)
    ink = tuple(int(side) for side in box)
    captions.append(Caption(words, (ink[0], ink[1], ink[2], ink[3]), first / rate, end / rate, look.color))
