"""How a decoded frame has to be turned and stretched to be looked at."""

from fractions import Fraction

from av import VideoFrame


def quarter_turns(frame: VideoFrame) -> int:
    """How many quarter turns counter-clockwise bring the frame upright, 0…3."""
    return round(frame.rotation / 90) % 4


def unturned_size(width: int, height: int, pixel_aspect: Fraction) -> tuple[int, int]:
    """The size in square pixels before rotation: the height stays, the width follows the pixel aspect."""
    return max(1, round(width * pixel_aspect)), height
