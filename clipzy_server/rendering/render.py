"""The plan made real in one pass: decode → choose → reframe → grade → blend → encode, in three threads.

Memory depends on the picture's size and the longest transition, never on the length. Parts of a long output can be made
apart from each other, and be joined.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from clipzy_server.domain.plan import EditPlan
from clipzy_server.media.frames import Frame
from clipzy_server.media.threads import Counted, WrittenBehind, read_ahead
from clipzy_server.media.writer import SOUND_RATE_HZ, Mp4Writer
from clipzy_server.rendering.easing import ease
from clipzy_server.rendering.frame_blending import BlendingPicker
from clipzy_server.rendering.frame_choice import FramePicker, Request, requests
from clipzy_server.rendering.framing import Framing, shown_area
from clipzy_server.rendering.grade import apply_grade
from clipzy_server.rendering.resample import Picture, cut_out
from clipzy_server.rendering.transitions import blend

_DECODED_AHEAD = 6
_ENCODED_BEHIND = 4
_TO_CHOOSE_FROM_S = Fraction(1, 5)

Buffer = npt.NDArray[np.uint8]
Sound = Iterable[npt.NDArray[np.float32]]
Report = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Materials:
    """What a plan is executed on: the footage's frames, its sound in blocks, and the plan's colour tables.

    `frames_from` gives the frames from the one on display at a time on. `sound` yields float32[2, n] at 48 kHz, None
    for no sound track; pictures do not wait until it is made. `luts`: int16[k, 3, 33, 33, 256].
    """

    frames_from: Callable[[Fraction], Iterable[Frame]]
    sound: Future[Sound] | None
    luts: Sequence[npt.NDArray[np.int16]]


def render(plan: EditPlan, materials: Materials, path: Path, report: Report, part: range | None = None) -> None:
    """Writes the output, or a part of it; `report` is called with 0…1 by frames.

    Errors of decoding and encoding come out.
    """
    part = range(plan.frame_count) if part is None else part
    progress = Counted(len(part), report)
    with Mp4Writer(path, plan.output, has_sound=materials.sound is not None) as writer:
        _encode(plan, materials, part, writer, progress)
    report(1.0)


def join(files: Sequence[Path], plan: EditPlan, sound: Future[Sound] | None, path: Path) -> None:
    """Writes the output from the files of all its parts, in order, and its sound."""
    with Mp4Writer(path, plan.output, has_sound=sound is not None, like=files[0]) as writer:
        feed = _SoundFeed(sound, writer)
        for file in files:
            for count in writer.copy_pictures(file):
                feed.until(count / plan.output.frame_rate)
        feed.until(None)


def _encode(plan: EditPlan, materials: Materials, part: range, writer: Mp4Writer, progress: Counted) -> None:
    """Pictures of a part of the output, and beside them the sound from its beginning on."""
    feed = _SoundFeed(materials.sound, writer)

    def write(numbered: tuple[int, Buffer]) -> None:
        number, planes = numbered
        writer.write_picture(planes)
        feed.until((number + 1) / plan.output.frame_rate)

    source = materials.frames_from(_first_needed_s(plan, part))
    with read_ahead(source, _DECODED_AHEAD) as frames, WrittenBehind(write, _ENCODED_BEHIND) as sink:
        for number, picture in zip(part, pictures(plan, frames, materials.luts, part), strict=True):
            sink.put((number, picture.buffer))
            progress.one_more()
    feed.until(None)


def _first_needed_s(plan: EditPlan, part: range) -> Fraction:
    """The footage's time from which on frames are needed for a part of the output, and a little more to choose from."""
    first = next(request.time_s for request in requests(plan) if request.number in part)
    return max(Fraction(0), first - _TO_CHOOSE_FROM_S)


def pictures(
    plan: EditPlan, frames: Iterable[Frame], luts: Sequence[npt.NDArray[np.int16]], part: range | None = None
) -> Iterator[Picture]:
    """The finished pictures of the output, or of a part of it, in order."""
    part = range(plan.frame_count) if part is None else part
    picker = BlendingPicker(frames) if plan.blends_frames else FramePicker(frames)
    composer = _Composer(plan, part.start)
    framings: dict[int, Framing] = {}
    for request in requests(plan):
        if request.number not in part:
            continue
        segment = plan.segments[request.segment]
        frame = picker.at(request.time_s, segment.scene_end_s)
        if request.segment not in framings:
            height, width = frame.y.shape
            framings[request.segment] = Framing(segment, plan.output, width, height)
        picture = Picture.empty(plan.output.width, plan.output.height)
        window = framings[request.segment].window(float(request.time_s), request.number)
        cut_out((frame.y, frame.u, frame.v), window, picture)
        if segment.lut is not None:
            _grade(luts[segment.lut], picture, shown_area(plan.active, window, plan.output))
        yield from composer.add(request, picture)


def _grade(lut: npt.NDArray[np.int16], picture: Picture, area: tuple[slice, slice]) -> None:
    chroma = tuple(slice(side.start // 2, side.stop // 2) for side in area)
    apply_grade(lut, picture.y[area], picture.u[chroma], picture.v[chroma])


class _Composer:
    """Puts pictures of overlapping segments together and gives finished ones out in order."""

    def __init__(self, plan: EditPlan, first: int) -> None:
        self._plan = plan
        self._waiting: dict[int, Picture] = {}
        self._finished: dict[int, Picture] = {}
        self._next = first

    def add(self, request: Request, picture: Picture) -> Iterator[Picture]:
        """One more picture of a segment; what can be shown now comes out."""
        segments, number = self._plan.segments, request.number
        segment = segments[request.segment]
        following = segments[request.segment + 1] if request.segment + 1 < len(segments) else None
        if following is not None and number >= following.first_frame:
            self._waiting[number] = picture
            return
        before = self._waiting.pop(number, None)
        if before is not None and segment.transition is not None:
            transition = segment.transition
            progress = (number - segment.first_frame) / transition.frames
            whole = Picture.empty(self._plan.output.width, self._plan.output.height)
            blend(transition.type, before, picture, ease(transition.easing, progress), whole)
            picture = whole
        self._finished[number] = picture
        while self._next in self._finished:
            yield self._finished.pop(self._next)
            self._next += 1


class _SoundFeed:
    """Gives the writer sound up to a time, so that sound and picture lie side by side in the file."""

    def __init__(self, sound: Future[Sound] | None, writer: Mp4Writer) -> None:
        self._sound = sound
        self._blocks: Iterator[npt.NDArray[np.float32]] | None = None
        self._writer = writer
        self._given = 0

    def until(self, time_s: Fraction | None) -> None:
        """Up to at least `time_s`, if the sound is made already; all that is left for None."""
        if self._sound is None or (time_s is not None and not self._sound.done()):
            return
        if self._blocks is None:
            self._blocks = iter(self._sound.result())
        while time_s is None or self._given < time_s * SOUND_RATE_HZ:
            block = next(self._blocks, None)
            if block is None:
                return
            self._writer.write_sound(block)
            self._given += block.shape[1]
