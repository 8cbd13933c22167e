"""How does each shot give way to the next? The template's types of transition at its shares of the joins."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from clipzy_server.domain.analysis import Join
from clipzy_server.domain.plan import PlannedTransition
from clipzy_server.domain.style import StyleDna, Transition, TransitionType

CUT = Transition()
# Where a style names two transitions and no shots, the second is taken to be half as frequent as the first.
_SECOND_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class TransitionMix:
    """Transitions and their shares of all joins, summing to 1, the most frequent first."""

    kinds: tuple[Transition, ...]
    shares: tuple[float, ...]


def find_mix(style: StyleDna, strength: float) -> TransitionMix:
    """The template's transitions; with a `strength` (0…1) below 1 the share that is missing becomes hard cuts."""
    named = [style.primary_transition, *([style.secondary_transition] if style.secondary_transition else [])]
    used = Counter(shot.transition_in.type for shot in style.shots[1:] if shot.transition_in)
    weights = [float(used[kind.type]) for kind in named]
    if not sum(weights):
        weights = [1 - _SECOND_SHARE, _SECOND_SHARE] if len(named) == 2 else [1.0]
    total = sum(weights)
    shares = {kind: weight / total * strength for kind, weight in zip(named, weights, strict=True)}
    shares[CUT] = shares.get(CUT, 0.0) + 1 - sum(shares.values())
    ordered = sorted(shares.items(), key=lambda pair: -pair[1])
    return TransitionMix(tuple(kind for kind, _ in ordered), tuple(share for _, share in ordered))


def assign(mix: TransitionMix, own: Sequence[Join | None]) -> list[Transition]:
    """One transition for each join; `own` is the footage's join there, None where the plan makes a new one.

    A join of the footage that already has a type of the mix keeps it as long as that type's share is not used up.
    """
    quota = _quotas(mix, len(own))
    chosen: list[Transition | None] = [None] * len(own)
    for place, join in enumerate(own):
        kind = next((kind for kind in mix.kinds if join is not None and kind.type is join.type), None)
        if kind is not None and quota[kind] > 0:
            chosen[place] = kind
            quota[kind] -= 1
    rest = _spread(quota)
    return [kind if kind is not None else next(rest) for kind in chosen]


def _quotas(mix: TransitionMix, count: int) -> dict[Transition, int]:
    """Whole numbers nearest to the shares that sum to `count`."""
    exact = {kind: share * count for kind, share in zip(mix.kinds, mix.shares, strict=True)}
    quota = {kind: int(number) for kind, number in exact.items()}
    by_rest = sorted(exact, key=lambda kind: quota[kind] - exact[kind])
    for kind in by_rest[: count - sum(quota.values())]:
        quota[kind] += 1
    return quota


def _spread(quota: dict[Transition, int]) -> Iterator[Transition]:
    """The kinds in an order that spreads each evenly."""
    places = [
        ((k + 0.5) / number, order, kind) for order, (kind, number) in enumerate(quota.items()) for k in range(number)
    ]
    return (kind for _, _, kind in sorted(places, key=lambda place: place[:2]))


def planned(kind: Transition, rate: Fraction, longest_frames: int) -> PlannedTransition | None:
    """The transition in output frames, at most `longest_frames`; None for a hard cut or what is too short to see."""
    if kind.type is TransitionType.CUT:
        return None
    frames = min(round(kind.duration_ms * rate / 1000), longest_frames)
    return PlannedTransition(kind.type, frames, kind.easing) if frames >= 2 else None
