"""When would the template cut? The pattern of its shot lengths, repeated as long as needed."""

from dataclasses import dataclass

from clipzy_server.domain.style import StyleDna


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Joins of an endless video that repeats `joins_s` (ascending, inside 0…`period_s`) over and over."""

    joins_s: tuple[float, ...]
    period_s: float

    @property
    def shot_s(self) -> float:
        """Mean length of a shot, seconds."""
        return self.period_s / len(self.joins_s)

    def join_s(self, number: int) -> float:
        """Time of the join with this number, counted from 0."""
        turns, place = divmod(number, len(self.joins_s))
        return turns * self.period_s + self.joins_s[place]


def find_rhythm(style: StyleDna, cuts_per_minute: float) -> Rhythm:
    """The template's pattern of shot lengths, stretched to exactly `cuts_per_minute` (> 0).

    Without known shots, shots of equal length, half of one at each end, so that joins per minute come out exactly.
    """
    joins_s = [shot.start_ms / 1000 for shot in style.shots[1:]]
    length_s = style.source_duration_seconds
    joins_s = sorted(at for at in joins_s if 0 < at < length_s)
    if not joins_s:
        return Rhythm((30 / cuts_per_minute,), 60 / cuts_per_minute)
    stretch = (60 * len(joins_s) / length_s) / cuts_per_minute
    return Rhythm(tuple(at * stretch for at in joins_s), length_s * stretch)
