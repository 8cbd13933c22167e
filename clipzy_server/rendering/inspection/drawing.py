"""One drawing for the page and for the PNG: an SVG whose colours are classes that a theme fills in."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from importlib import metadata
from pathlib import Path
from typing import Literal

import resvg_py

Point = tuple[float, float]

# Usual widths of letters as shares of their size.
_LETTER, _CAPITAL = 0.47, 0.62

FONT = "Source Sans Pro"
# Weight → file.
_FONT_FILES = {400: "SourceSansPro-Regular.otf", 600: "SourceSansPro-Semibold.otf"}

DARK: Mapping[str, str] = {
    "ground": "#131316",
    "panel": "#1c1c21",
    "track": "#303038",
    "rule": "#3a3a44",
    "faint": "#9d9daa",
    "ink": "#f1f1f4",
    "accent": "#5eb1ef",
    "shot": "#3d4250",
    "other-shot": "#2f333f",
    "cut": "#f1f1f4",
    "fade": "#f2b84b",
    "dissolve": "#5eb1ef",
    "wipe": "#c79bf0",
    "slide": "#5fd39a",
    "zoom": "#f2808a",
    "words": "#e8dfa8",
    "bass": "#f0915a",
    "mid": "#4fc3b5",
    "treble": "#b7a4f5",
    "sound": "#8b93a7",
    "music": "#4fc3b5",
    "speech": "#f2b84b",
}
LIGHT: Mapping[str, str] = {
    **DARK,
    "ground": "#f4f4f6",
    "panel": "#ffffff",
    "track": "#e4e4ea",
    "rule": "#d3d3db",
    "faint": "#5f5f6b",
    "ink": "#19191d",
    "accent": "#1772b8",
    "shot": "#c6cbd8",
    "other-shot": "#d9dde6",
    "cut": "#19191d",
    "fade": "#b57a06",
    "dissolve": "#1772b8",
    "wipe": "#8347c4",
    "slide": "#1d8a54",
    "zoom": "#c9404e",
    "words": "#9c8a20",
    "bass": "#c45a1c",
    "mid": "#0f8578",
    "treble": "#6a51c9",
    "sound": "#6d7588",
    "music": "#0f8578",
    "speech": "#b57a06",
}


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, pixels from the top left."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Type:
    """How words are set: size in px, colour, where their point lies in them, weight."""

    size_px: float = 15
    colour: str = "ink"
    anchor: Literal["start", "middle", "end"] = "start"
    bold: bool = False

    def at_end(self) -> "Type":
        """The same, ending at its point."""
        return replace(self, anchor="end")

    def centred(self) -> "Type":
        """The same, with its point in the middle."""
        return replace(self, anchor="middle")


PLAIN, FAINT, STRONG = Type(), Type(14, "faint"), Type(bold=True)
SMALL, HEADING = Type(12, "faint"), Type(14, "faint", bold=True)


class Drawing:
    """Shapes in the order they are painted, on a ground of a size in px. Colours are names of a theme."""

    def __init__(self, width_px: float) -> None:
        self.width_px = width_px
        self._parts: list[str] = []

    def rect(self, box: Box, colour: str, *, radius: float = 0, opacity: float = 1, title: str = "") -> None:
        """A filled rectangle; `title` is what pointing at it tells."""
        place = f'x="{box.left:.1f}" y="{box.top:.1f}" width="{max(0.0, box.width):.1f}" height="{box.height:.1f}"'
        shape = f'rx="{radius:g}" class="f-{colour}"{_faded(opacity)}'
        told = f"><title>{escape(title)}</title></rect>" if title else "/>"
        self._parts.append(f"<rect {place} {shape}{told}")

    def fill(self, box: Box, paint: str, *, radius: float = 0) -> None:
        """A rectangle of one exact colour or gradient, whatever the theme."""
        place = f'x="{box.left:.1f}" y="{box.top:.1f}" width="{max(0.0, box.width):.1f}" height="{box.height:.1f}"'
        self._parts.append(f'<rect {place} rx="{radius:g}" fill="{paint}"/>')

    def frame(self, box: Box, colour: str, *, width_px: float = 1) -> None:
        """The outline of a rectangle."""
        place = f'x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'
        self._parts.append(f'<rect {place} fill="none" stroke-width="{width_px:g}" class="s-{colour}"/>')

    def dot(self, centre: Point, radius_px: float, colour: str, ring: str) -> None:
        """A disc with a ring around it."""
        place = f'cx="{centre[0]:.1f}" cy="{centre[1]:.1f}" r="{radius_px:g}"'
        self._parts.append(f'<circle {place} class="f-{colour} s-{ring}" stroke-width="2.5"/>')

    def line(
        self, points: Sequence[Point], colour: str, *, width_px: float = 1, dash: str = "", opacity: float = 1
    ) -> None:
        """An open line through points."""
        if len(points) < 2:
            return
        style = f'fill="none" stroke-width="{width_px:g}" stroke-linejoin="round" class="s-{colour}"{_faded(opacity)}'
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(f'<polyline points="{_listed(points)}" {style}{dashes}/>')

    def area(self, points: Sequence[Point], colour: str, *, opacity: float = 1) -> None:
        """A filled polygon."""
        if len(points) > 2:
            self._parts.append(f'<polygon points="{_listed(points)}" class="f-{colour}"{_faded(opacity)}/>')

    def text(self, at: Point, words: str, kind: Type = PLAIN, *, room_px: float = float("inf")) -> None:
        """Words on a baseline, cut short where they would need more than the room."""
        weight = ' font-weight="600"' if kind.bold else ""
        anchor = "" if kind.anchor == "start" else f' text-anchor="{kind.anchor}"'
        place = f'x="{at[0]:.1f}" y="{at[1]:.1f}" font-size="{kind.size_px:g}"'
        shown = escape(shortened(words, room_px, kind.size_px))
        self._parts.append(f'<text {place}{weight}{anchor} class="f-{kind.colour}">{shown}</text>')

    def picture(self, box: Box, jpeg: bytes, title: str) -> None:
        """A JPEG file, filling the box."""
        place = f'x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}"'
        data = base64.b64encode(jpeg).decode("ascii")
        source = f'href="data:image/jpeg;base64,{data}" preserveAspectRatio="xMidYMid slice"'
        self._parts.append(f"<image {place} {source}><title>{escape(title)}</title></image>")

    def gradient(self, name: str, colours: Sequence[str]) -> str:
        """Define a gradient from left to right; gives the paint that uses it."""
        steps = max(1, len(colours) - 1)
        stops = "".join(f'<stop offset="{k / steps:g}" stop-color="{c}"/>' for k, c in enumerate(colours))
        self._parts.append(f'<linearGradient id="{name}">{stops}</linearGradient>')
        return f"url(#{name})"

    def svg(self, height_px: float, label: str, style: str = "") -> str:
        """The whole as one SVG element; `label` tells what it shows to who cannot see it."""
        size = f'viewBox="0 0 {self.width_px:g} {height_px:g}"'
        family = f"font-family=\"'{FONT}',system-ui,sans-serif\""
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {family} role="img" aria-label="{escape(label)}">'
        return f"{head}{f'<style>{style}</style>' if style else ''}{''.join(self._parts)}</svg>"


def shortened(words: str, room_px: float, size_px: float) -> str:
    """Words that fit into so many px by the usual width of letters; an ellipsis ends what is cut."""
    used_px = 0.0
    for number, letter in enumerate(words):
        used_px += (_CAPITAL if letter.isupper() else _LETTER) * size_px
        if used_px > room_px:
            return f"{words[: number - 1].rstrip()}…" if number > 1 else ""
    return words


def theme_css(theme: Mapping[str, str]) -> str:
    """The classes `f-NAME` and `s-NAME`: fill and stroke of each colour."""
    return "".join(f".f-{name}{{fill:{value}}}.s-{name}{{stroke:{value}}}" for name, value in theme.items())


def png_of(svg: str, width_px: int) -> bytes:
    """The SVG as a PNG file of that width, set in its own font."""
    fonts = [str(path) for path in _fonts().values()]
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=width_px, skip_system_fonts=True, font_files=fonts))


def font_css() -> str:
    """The font itself, for a page that may load nothing."""
    return "".join(
        f"@font-face{{font-family:'{FONT}';font-weight:{weight};"
        f"src:url(data:font/otf;base64,{base64.b64encode(path.read_bytes()).decode('ascii')})}}"
        for weight, path in _fonts().items()
    )


def _fonts() -> dict[int, Path]:
    """The font's files by weight, out of the installed wheel; none of that package's code runs."""
    distribution = metadata.distribution("font-source-sans-pro")
    folder = "font_source_sans_pro/files"
    return {weight: Path(str(distribution.locate_file(f"{folder}/{name}"))) for weight, name in _FONT_FILES.items()}


def _faded(opacity: float) -> str:
    return "" if opacity >= 1 else f' opacity="{opacity:.2f}"'


def _listed(points: Iterable[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
