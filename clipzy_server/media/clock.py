"""When each frame is shown: time stamps are the truth, gaps in them are filled."""

from fractions import Fraction


class PictureClock:
    """Turns time stamps as files give them into strictly growing times from the start of the picture.

    A missing stamp, and one that does not come after the frame before, is replaced by the time of the frame before
    plus the last good step; before there is one, plus `usual_step_s` (seconds, > 0).
    """

    def __init__(self, time_base: Fraction, start_s: Fraction, usual_step_s: Fraction) -> None:
        self._time_base = time_base
        start = start_s / time_base
        # Each frame needs it, and whole numbers are subtracted much faster.
        self._start: Fraction | int = start.numerator if start.denominator == 1 else start
        self._good_s = (-usual_step_s, Fraction(0))
        self._last_s: Fraction | None = None

    def time_s(self, stamp: int | None) -> Fraction:
        """The time of the next frame; `stamp` in units of the time base."""
        time_s = None if stamp is None else (stamp - self._start) * self._time_base
        if self._last_s is None:
            time_s = Fraction(0) if time_s is None else time_s
        elif time_s is None or time_s <= self._last_s:
            time_s = self._last_s + self._good_s[1] - self._good_s[0]
        else:
            self._good_s = self._last_s, time_s
        self._last_s = time_s
        return time_s
