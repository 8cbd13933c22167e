"""From lines of words that were seen to what a Style DNA says of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise
from statistics import median

from clipzy_server.analysis.words.find_lines import Area
from clipzy_server.analysis.words.marks import Line
from clipzy_server.domain.analysis import Shot
from clipzy_server.domain.style import TextOverlay

# Words lie over the scene when they outlast a join by so much on both sides.
_OUTLASTS_S = 0.3
# Two sightings are one line when the second begins this soon, at the same place, with nearly the same letters.
_BREAK_S, _SAME_PLACE, _SAME_WORDS = 0.6, 0.5, 0.6
# Lines are one block when they come and go together, of about one size, hardly a line apart.
_TOGETHER_S, _ONE_SIZE, _LINE_GAP = 0.4, 1.35, 1.2
_SUBTITLE_TOP, _SUBTITLE_OFF_CENTRE, _SUBTITLE_LONGEST_S = 0.6, 0.15, 10.0
_ROWS, _COLUMNS = ("top", "", "bottom"), ("left", "", "right")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a video as its Style DNA has them; `confidence` 0…1 for both fields."""

    overlays: tuple[TextOverlay, ...]
    use_subtitles: bool
    confidence: float


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that belong together, from the top down."""

    lines: tuple[Line, ...]

    @property
    def area(self) -> Area:
        areas = [line.area for line in self.lines]
        left, top = min(area.left for area in areas), min(area.top for area in areas)
        return Area(left, top, max(area.right for area in areas), max(area.bottom for area in areas))

    @property
    def words(self) -> str:
        return "\n".join(line.reading.words for line in self.lines)

    @property
    def height_px(self) -> float:
        return median(line.area.height for line in self.lines)


def words_of(lines: Sequence[Line], shots: Sequence[Shot], size: tuple[int, int], watched: float) -> Words:
    """What is said of a picture of `size` (width, height) px; `watched` is the share of the reasons to look that were
    followed.
    """
    laid = [line for line in joined(lines) if is_laid_over(line, shots)]
    blocks = blocks_of(laid)
    found = tuple(_overlay(block, size) for block in blocks)
    seen_s = shots[-1].end_s if shots else 0.0
    sure = [line.reading.confidence for line in laid]
    evidence = sum(sure) / len(sure) if sure else 1 - math.exp(-seen_s)
    return Words(found, _has_subtitles(blocks, size), round(evidence * watched, 3))


def is_laid_over(line: Line, shots: Sequence[Shot]) -> bool:
    """Whether the words lie over the scene: they came, went or stayed apart from it, or there is no scene."""
    inner = [shot.start_s for shot in shots[1:]]
    outlasts = any(line.start_s + _OUTLASTS_S < join_s < line.end_s - _OUTLASTS_S for join_s in inner)
    return line.on_plain or outlasts or line.apart


def joined(lines: Sequence[Line]) -> list[Line]:
    """Sightings of the same words at the same place as one line, with the best reading."""
    found: list[Line] = []
    for line in sorted(lines, key=lambda one: one.start_s):
        at = next((k for k, earlier in enumerate(found) if _is_same(earlier, line)), None)
        if at is None:
            found.append(line)
            continue
        earlier = found[at]
        best = max(earlier, line, key=lambda one: one.reading.confidence * one.reading.letters)
        found[at] = replace(
            best,
            start_s=earlier.start_s,
            end_s=max(earlier.end_s, line.end_s),
            apart=earlier.apart or line.apart,
            on_plain=earlier.on_plain or line.on_plain,
            until_end=earlier.until_end or line.until_end,
        )
    return found


def _is_same(earlier: Line, later: Line) -> bool:
    if later.start_s > earlier.end_s + _BREAK_S or earlier.area.overlap(later.area) < _SAME_PLACE:
        return False
    alike = SequenceMatcher(None, earlier.reading.words.lower(), later.reading.words.lower()).ratio()
    return alike >= _SAME_WORDS


def blocks_of(lines: Sequence[Line]) -> list[_Block]:
    """Lines that come and go together below each other, in the order of their time."""
    blocks: list[_Block] = []
    for line in sorted(lines, key=lambda one: one.area.top):
        at = next((k for k, block in enumerate(blocks) if _continues(block.lines[-1], line)), None)
        if at is None:
            blocks.append(_Block((line,)))
        else:
            blocks[at] = _Block((*blocks[at].lines, line))
    return sorted(blocks, key=lambda block: (block.lines[0].start_s, block.area.top))


def _continues(upper: Line, lower: Line) -> bool:
    together = max(abs(upper.start_s - lower.start_s), abs(upper.end_s - lower.end_s)) <= _TOGETHER_S
    high, low = sorted((upper.area.height, lower.area.height), reverse=True)
    gap = lower.area.top - upper.area.bottom
    beside = upper.area.left < lower.area.right and lower.area.left < upper.area.right
    return together and beside and high <= _ONE_SIZE * low and -0.5 * low <= gap <= _LINE_GAP * high


def _overlay(block: _Block, size: tuple[int, int]) -> TextOverlay:
    start_s = min(line.start_s for line in block.lines)
    end_s = max(line.end_s for line in block.lines)
    lasts = any(line.until_end for line in block.lines)
    return TextOverlay(
        content=block.words,
        position=position_of(block.area, size),
        start_ms=round(1000 * start_s),
        duration_ms=None if lasts else round(1000 * (end_s - start_s)),
        size_px=round(block.height_px),
        color=block.lines[0].color,
    )


def position_of(area: Area, size: tuple[int, int]) -> str:
    """Which ninth of the picture the middle of an area lies in: `top-left`, `top`, … `center`, … `bottom-right`."""
    row = _third((area.top + area.bottom) / 2 / size[1])
    column = _third((area.left + area.right) / 2 / size[0])
    return "-".join(word for word in (_ROWS[row], _COLUMNS[column]) if word) or "center"


def _third(place: float) -> int:
    return min(2, max(0, int(3 * place)))


def _has_subtitles(blocks: Sequence[_Block], size: tuple[int, int]) -> bool:
    """Different words of one size, one after the other, low in the middle of the picture."""
    low = [block for block in blocks if _is_subtitle(block, size)]
    return any(
        later.lines[0].start_s >= earlier.lines[0].end_s - _TOGETHER_S
        and later.words != earlier.words
        and max(later.height_px, earlier.height_px) <= _ONE_SIZE * min(later.height_px, earlier.height_px)
        for earlier, later in pairwise(low)
    )


def _is_subtitle(block: _Block, size: tuple[int, int]) -> bool:
    middle_x, middle_y = (block.area.left + block.area.right) / 2 / size[0], (block.area.top + block.area.bottom) / 2
    lasts_s = block.lines[0].end_s - block.lines[0].start_s
    centred = abs(middle_x - 0.5) <= _SUBTITLE_OFF_CENTRE
    return centred and middle_y / size[1] >= _SUBTITLE_TOP and lasts_s <= _SUBTITLE_LONGEST_S
