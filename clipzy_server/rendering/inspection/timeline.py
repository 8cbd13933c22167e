"""The video over time: frames, shots and joins, words, motion, sound, loudness, beats, music and speech."""

from collections.abc import Callable
from dataclasses import dataclass

from clipzy_server.domain.analysis import Stretch
from clipzy_server.domain.inspection import Curve, Inspection
from clipzy_server.domain.style import BeatBand, ShotTransition, TransitionType
from clipzy_server.rendering.easing import ease
from clipzy_server.rendering.inspection.drawing import FAINT, SMALL, Box, Drawing, Point, Type

_LABEL_PX, _GAP_PX, _AXIS_PX = 112, 16, 34
_FRAMES_PX, _SHOTS_PX, _LINE_PX, _MOTION_PX = 96, 40, 20, 62
_WAVE_PX, _LOUDNESS_PX, _BEATS_PX = 72, 92, 66
_LOWEST_LUFS, _HIGHEST_LUFS = -60.0, 0.0
_TICKS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_TICK_ROOM_PX = 78
# A join is drawn at least this wide, and tells its easing where it is wider than that.
_LEAST_JOIN_PX, _EASING_PX = 2.0, 9.0
_ON_WORDS = Type(13, "ground", bold=True)


@dataclass(frozen=True, slots=True)
class _Row:
    """A stretch of the timeline: its height, its label and what paints it."""

    label: str
    height_px: float
    paint: Callable[[Drawing, Box, Inspection], None]
    note: str = ""


def draw_timeline(drawing: Drawing, top_px: float, side_px: float, seen: Inspection) -> float:
    """Paint all rows there is something for, between the sides; gives the lower edge."""
    plot = Box(side_px + _LABEL_PX, top_px, drawing.width_px - 2 * side_px - _LABEL_PX, 0)
    _legend(drawing, (plot.right, top_px - 12), seen)
    at_px = top_px
    for row in _rows(seen):
        drawing.text((side_px, at_px + 15), row.label, FAINT)
        if row.note:
            drawing.text((side_px, at_px + 32), row.note, SMALL)
        row.paint(drawing, Box(plot.left, at_px, plot.width, row.height_px), seen)
        at_px += row.height_px + _GAP_PX
    _draw_axis(drawing, Box(plot.left, at_px - 6, plot.width, _AXIS_PX), seen.duration_s)
    return at_px - 6 + _AXIS_PX


def _rows(seen: Inspection) -> list[_Row]:
    rows = [_Row("Frames", _FRAMES_PX, _frames), _Row("Shots", _SHOTS_PX, _shots, _counted(len(seen.style.shots)))]
    if seen.style.text_overlays:
        lanes = len(_lanes(seen))
        rows.append(_Row("Words", lanes * _LINE_PX + (lanes - 1) * 3, _words))
    rows.append(_Row("Motion", _MOTION_PX, _motion, "0 … 100"))
    if seen.sound is None:
        return rows
    rows += [_Row("Sound", _WAVE_PX, _wave), _Row("Loudness", _LOUDNESS_PX, _loudness, "LUFS")]
    if seen.style.detected_beats:
        rows.append(_Row("Beats", _BEATS_PX, _beats, "by confidence"))
    rows += [_Row("Music", _LINE_PX, _music), _Row("Speech", _LINE_PX, _speech)]
    return rows


def _legend(drawing: Drawing, end: Point, seen: Inspection) -> None:
    """The colours of the kinds of join that occur, ending at a point."""
    kinds = {shot.transition_in.type for shot in seen.style.shots if shot.transition_in is not None}
    right = end[0]
    for kind in reversed([kind for kind in TransitionType if kind in kinds]):
        drawing.text((right, end[1]), kind.value, SMALL.at_end())
        left = right - 6.2 * len(kind.value) - 14
        drawing.rect(Box(left, end[1] - 9, 9, 9), kind.value, radius=2)
        right = left - 16


def _counted(count: int) -> str:
    return "1 shot" if count == 1 else f"{count} shots"


def _x(box: Box, seen: Inspection, time_s: float) -> float:
    return box.left + box.width * min(1.0, max(0.0, time_s / max(seen.duration_s, 1e-9)))


def _span(box: Box, seen: Inspection, start_s: float, end_s: float) -> Box:
    left = _x(box, seen, start_s)
    return Box(left, box.top, _x(box, seen, end_s) - left, box.height)


def _frames(drawing: Drawing, box: Box, seen: Inspection) -> None:
    each_px = box.width / max(1, len(seen.thumbnails))
    for number, frame in enumerate(seen.thumbnails):
        place = Box(box.left + number * each_px, box.top, each_px - 3, box.height)
        drawing.picture(place, frame.jpeg, f"{frame.time_s:.2f} s")


def _shots(drawing: Drawing, box: Box, seen: Inspection) -> None:
    for number, shot in enumerate(seen.style.shots, 1):
        place = _span(box, seen, shot.start_ms / 1000, shot.end_ms / 1000)
        told = f"Shot {number}: {shot.start_ms / 1000:.2f} – {shot.end_ms / 1000:.2f} s"
        drawing.rect(place, "shot" if number % 2 else "other-shot", radius=3, title=told)
        if place.width > 34:
            drawing.text((place.left + place.width / 2, box.top + 25), str(number), FAINT.centred())
    for shot in seen.style.shots:
        if shot.transition_in is not None:
            _join(drawing, box, seen, shot.transition_in)


def _join(drawing: Drawing, box: Box, seen: Inspection, join: ShotTransition) -> None:
    """A band as long as the join lasts, with the curve along which the new picture comes."""
    place = _span(box, seen, join.start_ms / 1000, (join.start_ms + join.duration_ms) / 1000)
    place = Box(place.left, box.top, max(_LEAST_JOIN_PX, place.width), box.height)
    told = f"{join_words(join)}, at {join.start_ms / 1000:.2f} s, confidence {join.confidence:.2f}"
    drawing.rect(place, "panel")
    drawing.rect(place, join.type.value, opacity=0.35 if join.duration_ms else 1, title=told)
    if place.width > _EASING_PX and join.type is not TransitionType.CUT:
        steps = [k / 24 for k in range(25)]
        inner = box.height - 8
        curve = [(place.left + place.width * t, box.bottom - 4 - inner * ease(join.easing, t)) for t in steps]
        drawing.line(curve, join.type.value, width_px=2)


def join_words(join: ShotTransition) -> str:
    """`dissolve of 960 ms, ease-in-out`; a cut has neither."""
    return "cut" if join.duration_ms == 0 else f"{join.type.value} of {join.duration_ms} ms, {join.easing.value}"


def _words(drawing: Drawing, box: Box, seen: Inspection) -> None:
    for lane, numbers in enumerate(_lanes(seen)):
        top_px = box.top + lane * (_LINE_PX + 3)
        for number in numbers:
            overlay = seen.style.text_overlays[number]
            start_s, end_s = overlay_span_s(seen, number)
            place = _span(Box(box.left, top_px, box.width, _LINE_PX), seen, start_s, end_s)
            told = f"“{overlay.content}”, {overlay.position}, {start_s:.2f} – {end_s:.2f} s"
            drawing.rect(place, "words", radius=3, title=told)
            room_px = place.width - 10
            drawing.text((place.left + 5, top_px + 15), overlay.content, _ON_WORDS, room_px=room_px)


def overlay_span_s(seen: Inspection, number: int) -> tuple[float, float]:
    """Start and end of a text overlay in seconds; one without a duration lasts to the end."""
    overlay = seen.style.text_overlays[number]
    start_s = overlay.start_ms / 1000
    return start_s, seen.duration_s if overlay.duration_ms is None else start_s + overlay.duration_ms / 1000


def _lanes(seen: Inspection) -> list[list[int]]:
    """The overlays' numbers, in as few lines as keep those apart that are seen together."""
    lanes: list[list[int]] = []
    free_s: list[float] = []
    for number in range(len(seen.style.text_overlays)):
        start_s, end_s = overlay_span_s(seen, number)
        lane = next((k for k, until_s in enumerate(free_s) if until_s <= start_s), len(lanes))
        if lane == len(lanes):
            lanes.append([])
            free_s.append(0.0)
        lanes[lane].append(number)
        free_s[lane] = end_s
    return lanes


def _motion(drawing: Drawing, box: Box, seen: Inspection) -> None:
    drawing.line([(box.left, box.bottom), (box.right, box.bottom)], "rule")
    for points in _pieces(box, seen, seen.motion, 0, 100):
        drawing.area([(points[0][0], box.bottom), *points, (points[-1][0], box.bottom)], "accent", opacity=0.28)
        drawing.line(points, "accent", width_px=1.5)
    level = box.bottom - box.height * seen.style.motion_intensity / 100
    drawing.line([(box.left, level), (box.right, level)], "accent", dash="3 4")


def _pieces(box: Box, seen: Inspection, curve: Curve, low: float, high: float) -> list[list[Point]]:
    """The curve as lines through points of the box, one for each stretch without a gap."""
    pieces: list[list[Point]] = [[]]
    for time_s, value in zip(curve.times_s, curve.values, strict=True):
        if value is None:
            pieces.append([])
            continue
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        pieces[-1].append((_x(box, seen, time_s), box.bottom - box.height * share))
    return [piece for piece in pieces if piece]


def _wave(drawing: Drawing, box: Box, seen: Inspection) -> None:
    sound = seen.sound
    if sound is None or not sound.highs:
        return
    middle, half = box.top + box.height / 2, box.height / 2
    step_s = sound.duration_s / len(sound.highs)
    columns = [_x(box, seen, (k + 0.5) * step_s) for k in range(len(sound.highs))]
    upper = [(x, middle - half * min(1.0, max(high, 0.004))) for x, high in zip(columns, sound.highs, strict=True)]
    lower = [(x, middle - half * max(-1.0, min(low, -0.004))) for x, low in zip(columns, sound.lows, strict=True)]
    drawing.area([*upper, *reversed(lower)], "sound")


def _loudness(drawing: Drawing, box: Box, seen: Inspection) -> None:
    """Momentary as a faint ground, short-term as a line, the integrated level dashed."""
    if seen.sound is None:
        return
    for level in (0, -20, -40, -60):
        height = _level_y(box, level)
        drawing.line([(box.left, height), (box.right, height)], "rule", opacity=0.6)
        drawing.text((box.left - 6, height + 4), str(level).replace("-", "−"), SMALL.at_end())
    for points in _pieces(box, seen, seen.sound.momentary, _LOWEST_LUFS, _HIGHEST_LUFS):
        drawing.area([(points[0][0], box.bottom), *points, (points[-1][0], box.bottom)], "sound", opacity=0.35)
    for points in _pieces(box, seen, seen.sound.short_term, _LOWEST_LUFS, _HIGHEST_LUFS):
        drawing.line(points, "ink", width_px=1.8)
    integrated = seen.style.loudness.integrated_lufs
    if integrated is not None:
        height = _level_y(box, integrated)
        drawing.line([(box.left, height), (box.right, height)], "accent", width_px=1.5, dash="6 4")


def _level_y(box: Box, level_lufs: float) -> float:
    share = (level_lufs - _LOWEST_LUFS) / (_HIGHEST_LUFS - _LOWEST_LUFS)
    return box.bottom - box.height * min(1.0, max(0.0, share))


def _beats(drawing: Drawing, box: Box, seen: Inspection) -> None:
    """One line for each band, low notes lowest; the surer a beat, the higher and clearer its mark."""
    lanes = (BeatBand.TREBLE, BeatBand.MID, BeatBand.BASS)
    each_px = box.height / len(lanes)
    for lane, band in enumerate(lanes):
        floor = box.top + (lane + 1) * each_px - 3
        drawing.line([(box.left, floor), (box.right, floor)], "rule", opacity=0.6)
        drawing.text((box.left - 6, floor - 3), band.value, SMALL.at_end())
        for beat in seen.style.detected_beats:
            if beat.frequency is band:
                x = _x(box, seen, beat.timestamp_ms / 1000)
                height = (each_px - 5) * (0.25 + 0.75 * beat.confidence)
                told = f"{beat.timestamp_ms / 1000:.3f} s, {band.value}, confidence {beat.confidence:.2f}"
                mark = Box(x - 1.25, floor - height, 2.5, height)
                drawing.rect(mark, band.value, opacity=0.35 + 0.65 * beat.confidence, title=told)


def _music(drawing: Drawing, box: Box, seen: Inspection) -> None:
    _stretches(drawing, box, seen, seen.sound.music if seen.sound else (), "music")


def _speech(drawing: Drawing, box: Box, seen: Inspection) -> None:
    _stretches(drawing, box, seen, seen.sound.speech if seen.sound else (), "speech")


def _stretches(drawing: Drawing, box: Box, seen: Inspection, found: tuple[Stretch, ...], colour: str) -> None:
    track = Box(box.left, box.top + 4, box.width, box.height - 8)
    drawing.rect(track, "track", radius=3, opacity=0.6)
    for stretch in found:
        told = f"{colour}: {stretch.start_s:.2f} – {stretch.end_s:.2f} s"
        drawing.rect(_span(track, seen, stretch.start_s, stretch.end_s), colour, radius=3, title=told)


def _draw_axis(drawing: Drawing, box: Box, duration_s: float) -> None:
    most = box.width / _TICK_ROOM_PX
    step_s = next((step for step in _TICKS_S if duration_s / step <= most), _TICKS_S[-1])
    drawing.line([(box.left, box.top), (box.right, box.top)], "rule")
    for number in range(int(duration_s / step_s + 1e-9) + 1):
        x = box.left + box.width * number * step_s / max(duration_s, 1e-9)
        drawing.line([(x, box.top), (x, box.top + 5)], "rule")
        drawing.text((x, box.top + 20), _clock(number * step_s), SMALL.centred())


def _clock(time_s: float) -> str:
    if time_s < 60:
        return f"{time_s:g} s"
    minutes, seconds = divmod(round(time_s), 60)
    return f"{minutes}:{seconds:02d}"
