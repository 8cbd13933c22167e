"""Compiled loops over picture planes."""
