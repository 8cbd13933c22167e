"""Which shots are pushed into, and how far? As large a share as in the template; steady, slow pushes."""

from collections.abc import Sequence
from fractions import Fraction

from clipzy_server.domain.plan import ZoomMove
from clipzy_server.domain.style import Easing

_GROWTH_PER_S = 0.05
_LEAST_GROWTH, _MOST_GROWTH = 0.06, 0.15
# A push over less time is a jolt.
_SHORTEST_PUSH_S = 0.4


def choose_zooms(
    lengths_s: Sequence[Fraction], zooms_already: Sequence[bool], wanted_share: float
) -> list[ZoomMove | None]:
    """A push or None for each shot, so that `wanted_share` (0…1) of them zoom; shots that zoom by themselves count."""
    count = len(lengths_s)
    missing = max(0, round(wanted_share * count) - sum(zooms_already))
    still = [k for k in range(count) if not zooms_already[k] and lengths_s[k] >= _SHORTEST_PUSH_S]
    missing = min(missing, len(still))
    chosen = {still[int((k + 0.5) * len(still) / missing)] for k in range(missing)}
    return [_push(float(lengths_s[k])) if k in chosen else None for k in range(count)]


def _push(length_s: float) -> ZoomMove:
    growth = min(max(_GROWTH_PER_S * length_s, _LEAST_GROWTH), _MOST_GROWTH)
    return ZoomMove(1.0, 1.0 + growth, Easing.LINEAR)
