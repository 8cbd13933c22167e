"""A kernel without Landlock, for the process that starts with this folder on its path."""

from clipzy_server.media import landlock

landlock.landlock_version = lambda: 0
