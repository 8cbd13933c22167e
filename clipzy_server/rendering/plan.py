"""Style and footage in, edit plan out: pure and deterministic.

Strength 0…1 scales colour, sound, pace, the shares of transitions and zooms; aspect and frame rate have no half-way
and are applied from 0.5 on. What a caller overrides (aspect, rate, resolution) holds whatever is applied. Without a
template or a style everything of the footage is kept as it is.
"""

from dataclasses import dataclass
from fractions import Fraction

from clipzy_server.domain.analysis import ActivePicture, PictureAnalysis
from clipzy_server.domain.job import Dimension, JobConfig
from clipzy_server.domain.plan import EditPlan, OutputFormat, Segment, SoundPlan, ZoomMove
from clipzy_server.domain.style import Easing, StyleDna
from clipzy_server.rendering.crop_path import CropPlanner, largest_window
from clipzy_server.rendering.cut_points import find_cut_points
from clipzy_server.rendering.cuts import choose_cuts
from clipzy_server.rendering.footage import FootageAnalysis
from clipzy_server.rendering.layout import Slot, lay_out
from clipzy_server.rendering.output_format import choose_format, own_rate
from clipzy_server.rendering.punch_in import PUNCH_SCALE
from clipzy_server.rendering.zoom_path import choose_zooms

_WHOLE_OR_NOT_FROM = 0.5


@dataclass(frozen=True, slots=True)
class Chain:
    """What others decided: the sound (None: no sound track), whether the one colour table is applied, whether frames
    are blended where the rate changes.
    """

    sound: SoundPlan | None
    graded: bool
    blends_frames: bool = False


def dimensions(config: JobConfig, has_style: bool) -> tuple[Dimension, ...]:
    """What of the style is applied, in the published order; not what the caller says instead."""
    if not has_style or config.strength <= 0:
        return ()
    halfway = config.strength < _WHOLE_OR_NOT_FROM
    left_out = set()
    if halfway or config.aspect_ratio is not None or config.resolution is not None:
        left_out.add(Dimension.FRAMING)
    if halfway or config.frame_rate is not None:
        left_out.add(Dimension.FRAME_RATE)
    return tuple(dimension for dimension in Dimension if dimension in config.apply and dimension not in left_out)


def make_plan(
    style: StyleDna, footage: FootageAnalysis, config: JobConfig, applied: tuple[Dimension, ...], chain: Chain
) -> EditPlan:
    """The whole edit. `applied` as from `dimensions`. Raises Invalid for a resolution that makes no sense."""
    output = choose_format(style, footage, config, applied)
    duration_s = Fraction(footage.picture.duration_s).limit_denominator(90000)
    points = find_cut_points(footage.sound, duration_s)
    cutting = choose_cuts(style, footage, config, applied, points, output.frame_rate)
    slots = lay_out(cutting.kept, cutting.transitions, output.frame_rate)
    share = style.zoom_usage / 100 * config.strength if Dimension.ZOOM in applied else 0.0
    zooms = _zooms(slots, footage, output.frame_rate, share)
    crops = _crop_planner(footage, output)
    segments = tuple(
        _segment(slot, zoom, crops, output, 0 if chain.graded else None)
        for slot, zoom in zip(slots, zooms, strict=True)
    )
    blends = chain.blends_frames and output.frame_rate != own_rate(footage.picture.frame_rate)
    return EditPlan(output, segments, chain.sound, applied, blends, _inside_bars(footage.picture))


def _inside_bars(picture: PictureAnalysis) -> ActivePicture | None:
    active = picture.active
    whole = active is None or (active.width, active.height) == (picture.width, picture.height)
    return None if whole else active


def _zooms(slots: tuple[Slot, ...], footage: FootageAnalysis, rate: Fraction, share: float) -> list[ZoomMove | None]:
    moved = [_zooms_by_itself(footage, slot) for slot in slots]
    zooms = choose_zooms([slot.frame_count / rate for slot in slots], moved, share)
    closer = ZoomMove(PUNCH_SCALE, PUNCH_SCALE, Easing.LINEAR)
    return [closer if slot.kept.is_closer else zoom for slot, zoom in zip(slots, zooms, strict=True)]


def _zooms_by_itself(footage: FootageAnalysis, slot: Slot) -> bool:
    if footage.motion is None:
        return False
    middle_s = float(slot.kept.start_s + slot.kept.end_s) / 2
    shots = zip(footage.picture.shots, footage.motion.shots, strict=False)
    return any(motion.zooms for shot, motion in shots if shot.start_s <= middle_s < shot.end_s)


def _crop_planner(footage: FootageAnalysis, output: OutputFormat) -> CropPlanner:
    width, height = footage.picture.width, footage.picture.height
    window = largest_window(width, height, output.width / output.height)
    same_scale = abs(window[0] - output.width) < 2 and abs(window[1] - output.height) < 2
    exact = (float(output.width), float(output.height)) if same_scale else window
    return CropPlanner((width, height), exact, output.frame_rate, footage.thumbs)


def _segment(slot: Slot, zoom: ZoomMove | None, crops: CropPlanner, output: OutputFormat, lut: int | None) -> Segment:
    start_s = float(slot.source_start_s)
    crop = crops.path(start_s, start_s + float(slot.frame_count / output.frame_rate))
    return Segment(
        slot.source_start_s,
        slot.first_frame,
        slot.frame_count,
        slot.transition,
        crop,
        zoom,
        lut,
        slot.kept.scene.start_s,
        slot.kept.scene.end_s,
    )
