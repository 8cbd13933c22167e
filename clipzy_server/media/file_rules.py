"""What holds for every foreign file that this process opens: how its format is found, and how large it may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileRules:
    """A file beyond a limit is refused with LIMIT_EXCEEDED: pixels per frame, seconds, frames, streams, frame rate.

    `by_content`: our own look at the content decides which one demuxer reads the file, and that one reads nothing else.
    Without it FFmpeg guesses, opens playlists too, and only the walls of the box stand between a file and the others;
    it is there to try those walls. What turns out to be of no supported format is refused once it is open.
    """

    by_content: bool = True
    max_pixels: int = 8192 * 4352
    max_seconds: float = 4 * 3600
    max_frames: int = 2_000_000
    max_streams: int = 64
    max_frame_rate: float = 1000.0


_present = FileRules()


def file_rules() -> FileRules:
    """The rules of this process."""
    return _present


def set_file_rules(rules: FileRules) -> None:
    """Make these the rules of this process; a boxed child does so before it opens anything."""
    global _present  # noqa: PLW0603 - a child serves one task, and decoders lie too deep to be handed the rules
    _present = rules
