"""Clips whose truth is known, for benchmarks: scenes, joins between them, and traps without any join."""
