"""Frozen values, enumerations and errors; imports nothing else of Clipzy."""
