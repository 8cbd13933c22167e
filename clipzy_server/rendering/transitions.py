"""What a viewer sees while one shot gives way to the next.

A dissolve mixes both; a fade goes through black, one half of the time each; a wipe uncovers the next shot from the
right edge; a slide pushes the last one out to the left; a zoom grows the last one to double size while the next
appears.
"""

from collections.abc import Iterable

from clipzy_server.domain.style import TransitionType
from clipzy_server.rendering.kernels.transitions import dim, mix, push, wipe
from clipzy_server.rendering.resample import Picture, Plane, Window, cut_out

_ONE = 65536
_BLACK = (16, 128, 128)


def blend(kind: TransitionType, before: Picture, after: Picture, progress: float, out: Picture) -> None:
    """Fills `out` with the transition at `progress` (0 `before` … 1 `after`, already eased). All of one even size."""
    if kind is TransitionType.FADE:
        _fade(before if progress < 0.5 else after, abs(1 - 2 * progress), out)
    elif kind is TransitionType.WIPE:
        for one, two, made in _planes(before, after, out):
            wipe(one, two, made.shape[1] * (1 - progress), made)
    elif kind is TransitionType.SLIDE:
        for one, two, made in _planes(before, after, out):
            push(one, two, made.shape[1] * progress, made)
    elif kind is TransitionType.ZOOM:
        _mix(_grown(before, 1 + progress), after, progress, out)
    else:
        _mix(before, after, progress, out)


def _planes(before: Picture, after: Picture, out: Picture) -> Iterable[tuple[Plane, Plane, Plane]]:
    return zip(before.planes, after.planes, out.planes, strict=True)


def _mix(before: Picture, after: Picture, share: float, out: Picture) -> None:
    for one, two, made in _planes(before, after, out):
        mix(one, two, round(share * _ONE), made)


def _fade(source: Picture, light: float, out: Picture) -> None:
    for plane, black, made in zip(source.planes, _BLACK, out.planes, strict=True):
        dim(plane, black, round(light * _ONE), made)


def _grown(source: Picture, scale: float) -> Picture:
    height, width = source.y.shape
    window = Window(width / 2 * (1 - 1 / scale), height / 2 * (1 - 1 / scale), width / scale, height / scale)
    grown = Picture.empty(width, height)
    cut_out(source.planes, window, grown)
    return grown
