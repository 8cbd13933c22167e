"""Compiled loops over picture planes and thumbnails."""
