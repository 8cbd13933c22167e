"""Stage 1: each video is decoded once, its features written, its shots, format, words and colours read."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from threading import Lock
from typing import Any

from clipzy_server.analysis.colour.measure import ColourMeasure, measure_colour
from clipzy_server.analysis.colour.thumbs import Thumbs
from clipzy_server.analysis.picture.bars import BarMeter
from clipzy_server.analysis.picture.feature_pass import measure_features
from clipzy_server.analysis.picture.picture_analysis import analyse_picture
from clipzy_server.analysis.words.overlays import words_of
from clipzy_server.analysis.words.watch import WordWatch
from clipzy_server.domain.analysis import PictureAnalysis, Source
from clipzy_server.domain.codec import from_plain, to_plain
from clipzy_server.media.frames import decode
from clipzy_server.media.spare_memory import give_back_freed
from clipzy_server.media.stills import Stills, evenly

Report = Callable[[float], None]

# The decode takes nearly all of the time, the interpretation the rest.
PASS_SHARE = 0.95
STILLS = 6


@dataclass(frozen=True, slots=True)
class Inputs:
    """The videos by role, `template` and `footage` (only those needed), and whose style is wanted."""

    sources: dict[str, Source]
    style_role: str | None = None


@dataclass(frozen=True, slots=True)
class Outputs:
    """The picture of each video, by the same roles; features lie in `folder`/<role>.

    Where there is footage beside the template, the template's stills lie in `template-stills`. `colour` of the video
    whose style is wanted.
    """

    pictures: dict[str, PictureAnalysis]
    colour: ColourMeasure | None = None


def run(inputs: Inputs, folder: Path, report: Report) -> Outputs:
    """Analyse all videos side by side. Raises Invalid CORRUPT_VIDEO where nothing can be decoded."""
    progress = _Progress({role: source.metadata.duration_seconds for role, source in inputs.sources.items()}, report)

    def analyse(role: str) -> tuple[PictureAnalysis, ColourMeasure | None]:
        source = inputs.sources[role]

        def advance(done: float) -> None:
            progress.advance(role, PASS_SHARE * done)

        bars = BarMeter()
        watch = WordWatch(bars.push)
        # Only what becomes of the template in the footage is shown beside it.
        shown = STILLS if role == "template" and "footage" in inputs.sources else 0
        stills = Stills(evenly(Fraction(source.metadata.duration_seconds).limit_denominator(1000), shown))
        # The decoder's threads go on with the next frames while one is measured.
        seen = watch.watching(stills.watching(decode(source.path, as_coded=True)))
        features = measure_features(seen, folder / role, source.metadata.duration_seconds, advance)
        if stills.times_s:
            stills.save(folder / f"{role}-stills")
        thumbs = Thumbs(features.times, features.thumb_y, features.thumb_u, features.thumb_v)
        # To find the shots does not keep a second core busy.
        with ThreadPoolExecutor(1) as beside:
            colour = beside.submit(measure_colour, thumbs) if role == inputs.style_role else None
            picture = _with_words(analyse_picture(features, source.metadata), watch)
        picture = replace(picture, active=bars.active(picture.width, picture.height))
        progress.advance(role, 1.0)
        # The other video may take longer.
        give_back_freed()
        return picture, colour.result() if colour is not None else None

    with ThreadPoolExecutor(max(1, len(inputs.sources))) as pool:
        seen = dict(zip(inputs.sources, pool.map(analyse, inputs.sources), strict=True))
    colours = (colour for _, colour in seen.values() if colour is not None)
    return Outputs({role: picture for role, (picture, _) in seen.items()}, next(colours, None))


def _with_words(picture: PictureAnalysis, watch: WordWatch) -> PictureAnalysis:
    words = words_of(watch.lines(), picture.shots, (picture.width, picture.height), watch.watched)
    sure = {"text_overlays": words.confidence, "use_subtitles": words.confidence}
    return replace(
        picture,
        text_overlays=words.overlays,
        use_subtitles=words.use_subtitles,
        confidence={**picture.confidence, **sure},
    )


def task(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """The stage as the sandbox calls it: {"inputs", "folder"} in, plain `Outputs` out."""
    inputs = from_plain(Inputs, payload["inputs"])
    plain: dict[str, Any] = to_plain(run(inputs, Path(payload["folder"]), report))
    return plain


class _Progress:
    """The progress of several videos as one number, each weighing by its length in seconds."""

    def __init__(self, seconds: dict[str, float], report: Report) -> None:
        self._seconds = {role: max(length, 1e-3) for role, length in seconds.items()}
        self._done = dict.fromkeys(seconds, 0.0)
        self._report = report
        self._lock = Lock()

    def advance(self, role: str, done: float) -> None:
        """`done` 0…1 of one video; never goes back."""
        with self._lock:
            self._done[role] = max(self._done[role], done)
            total = sum(self._seconds.values())
            self._report(sum(self._done[r] * s for r, s in self._seconds.items()) / total)
