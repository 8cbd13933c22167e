"""The standard cubic easings: how far a move has come after a share of its time."""

from clipzy_server.domain.style import Easing


def ease(easing: Easing, progress: float) -> float:
    """`progress` 0…1 of the time → 0…1 of the way."""
    t = min(max(progress, 0.0), 1.0)
    if easing is Easing.EASE_IN:
        return t**3
    if easing is Easing.EASE_OUT:
        return 1 - (1 - t) ** 3
    if easing is Easing.EASE_IN_OUT:
        return 4 * t**3 if t < 0.5 else 1 - 4 * (1 - t) ** 3
    return t
