"""Compiled loops that estimate global motion."""
