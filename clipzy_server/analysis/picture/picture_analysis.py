"""What one video's picture is: shots, shape, rate, each with its confidence."""

import numpy as np

from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.picture_format import aspect_confidence, mean_frame_rate, nearest_aspect
from clipzy_server.analysis.picture.shots import cut_frequency, find_shots
from clipzy_server.domain.analysis import PictureAnalysis, Shot
from clipzy_server.domain.video import VideoMetadata


def analyse_picture(features: Features, metadata: VideoMetadata) -> PictureAnalysis:
    """Interpret the features. Words are not read from them: `analysis.words` watches for those."""
    shots = find_shots(features)
    # Frames are looked at here and there: of a long video that is most of its file.
    features.let_go()
    duration_s = features.duration_s
    first_s, last_s = float(features.times[0]), float(features.times[-1])
    return PictureAnalysis(
        width=metadata.width,
        height=metadata.height,
        duration_s=duration_s,
        frame_count=features.frame_count,
        frame_rate=mean_frame_rate(features.frame_count, first_s, last_s, metadata.frame_rate),
        aspect_ratio=nearest_aspect(metadata.width, metadata.height),
        shots=shots,
        cut_frequency=cut_frequency(shots, duration_s),
        confidence=_confidence(shots, metadata, features.frame_count),
    )


def _confidence(shots: tuple[Shot, ...], metadata: VideoMetadata, frame_count: int) -> dict[str, float | None]:
    """Per field; joins are trusted as far as they stand out, their absence as far as there were frames to look at."""
    joins = [shot.join.confidence for shot in shots[1:] if shot.join is not None]
    seen = float(1 - np.exp(-frame_count / 24))
    of_joins = float(np.mean(joins)) if joins else 0.9 * seen
    return {
        "aspect_ratio": aspect_confidence(metadata.width, metadata.height),
        "frame_rate": seen,
        "cut_frequency": of_joins,
        "primary_transition": of_joins,
        "use_subtitles": None,
        "text_overlays": None,
    }
