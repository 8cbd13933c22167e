"""Clipzy: learns the style of a video and gives it to other footage."""

__version__ = "0.1.0"
