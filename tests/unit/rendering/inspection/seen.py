"""An inspection with something in every row of the timeline."""

from dataclasses import replace

from clipzy_server.domain.analysis import ActivePicture, Stretch
from clipzy_server.domain.inspection import Curve, Inspection, SoundTrace, Thumbnail
from clipzy_server.domain.style import Easing, ShotTransition, StyleShot, TextOverlay, TransitionType
from clipzy_server.domain.video import VideoMetadata
from tests.samples import style

NAME = "a <clip> & more.mp4"


def inspection() -> Inspection:
    join = ShotTransition(TransitionType.DISSOLVE, 4500, 1000, Easing.EASE_IN, 0.8)
    shots = (StyleShot(0, 5000), StyleShot(5000, 12480, join))
    words = (
        TextOverlay("Good <evening>", "bottom", 1000, 2000, 40, "#ffffff"),
        TextOverlay("Chapter one", "top", 1500, None, 60, "#ffee00"),
    )
    metadata = VideoMetadata(1080, 1920, 12.48, 23.976, "h264", 4200, "mp4", True, "aac", False, False, 0)
    level = Curve((0.2, 6.0, 12.0), (-20.0, None, -14.5))
    heard = SoundTrace(12.48, (-0.5, -0.1), (0.4, 0.2), level, level, (Stretch(0.0, 8.0),), (Stretch(9.0, 10.0),))
    return Inspection(
        name=NAME,
        metadata=metadata,
        style=replace(style(), shots=shots, text_overlays=words, secondary_transition=None),
        active=ActivePicture(0, 240, 1080, 1440),
        thumbnails=(Thumbnail(3.0, b"\xff\xd8one"), Thumbnail(9.0, b"\xff\xd8two")),
        motion=Curve((0.1, 5.0, 9.0), (12.0, None, 88.0)),
        sound=heard,
    )
