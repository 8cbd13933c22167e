"""Is the output what was planned? All of it is decoded, and measured on the way. What is not is RENDER_FAILED."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clipzy_server.analysis.picture.feature_pass import Reducer, measure_features
from clipzy_server.analysis.picture.features import Features, FeatureWriter
from clipzy_server.analysis.sound.listen import analyse_sound
from clipzy_server.domain.analysis import SoundAnalysis
from clipzy_server.domain.errors import ClipzyError, ErrorCode, StageFailed
from clipzy_server.domain.plan import EditPlan
from clipzy_server.media.frames import Frame, decode

# AAC comes in packets of 21 ms; one may be padding, one lead-in.
_SOUND_OFF_S = 0.045

Report = Callable[[float], None]


def check_pictures(plan: EditPlan, part: range, frames: Iterable[Frame], folder: Path, report: Report) -> None:
    """Decodes these frames of the output, and leaves their features in the folder. Raises StageFailed."""
    try:
        found = measure_features(frames, folder, float(len(part) / plan.output.frame_rate), report)
    except ClipzyError as problem:
        raise _undecodable(problem) from problem
    _insist_on(found.frame_count, len(part))


def check_seams(
    plan: EditPlan, parts: Sequence[tuple[range, Path]], output: Path, folder: Path, report: Report
) -> None:
    """Puts together the features of the parts of an output, which were checked apart, and leaves them in the folder.

    `parts`: the frames of each, and the folder of its features. Over each seam the output is decoded. Raises
    StageFailed.
    """
    rate = plan.output.frame_rate
    with FeatureWriter(folder) as writer:
        for part, checked in parts:
            features = Features.open(checked)
            _insist_on(features.frame_count, len(part))
            for number in features.passing():
                row = {name: getattr(features, name)[number] for name in ("thumb_y", "thumb_u", "thumb_v", "sharpness")}
                is_seam = number == 0 and part.start > 0
                motion = _motion_over(output, part.start, rate) if is_seam else features.motion[number]
                writer.append({"times": np.array(float((part.start + number) / rate)), **row, "motion": motion})
            report(part.stop / plan.frame_count)


def _motion_over(output: Path, seam: int, rate: Fraction) -> NDArray[np.generic]:
    """The motion from the last frame before a seam to the first one behind it, whose number is given."""
    try:
        before, after = islice(decode(output, (seam - Fraction(1, 2)) / rate), 2)
    except (ClipzyError, ValueError) as problem:
        raise _failed("The output cannot be decoded", f"at frame {seam}") from problem
    times_s = (before.time_s * rate, after.time_s * rate)
    if [round(time_s) for time_s in times_s] != [seam - 1, seam]:
        raise _failed("The parts of the output do not fit together", f"frames {times_s} at frame {seam}")
    reducer = Reducer(*before.y.shape)
    reducer.measure(before)
    return reducer.measure(after)["motion"]


def check_sound(plan: EditPlan, output: Path, *, has_sound: bool) -> SoundAnalysis:
    """Decodes and measures the sound of the output. Raises StageFailed."""
    try:
        heard = analyse_sound(str(output), "flux", lambda _: None)
    except ClipzyError as problem:
        raise _undecodable(problem) from problem
    off_s = abs(heard.duration_s - float(plan.duration_s))
    if heard.has_sound != has_sound or (has_sound and off_s > _SOUND_OFF_S):
        detail = f"{heard.duration_s:.3f} s of sound beside {float(plan.duration_s):.3f} s of picture"
        raise _failed("The sound of the output has the wrong length", detail)
    return heard


def _insist_on(found: int, count: int) -> None:
    if found != count:
        raise _failed("The output has the wrong length", f"{found} frames instead of {count}")


def _undecodable(problem: ClipzyError) -> StageFailed:
    return _failed("The output cannot be decoded", problem.detail)


def _failed(message: str, detail: str | None) -> StageFailed:
    return StageFailed(ErrorCode.RENDER_FAILED, message, detail)
