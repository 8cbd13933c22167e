"""Composition root: settings, supervisor, and the commands that start each part."""
