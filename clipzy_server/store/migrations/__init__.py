"""Alembic's scripts, run by `store.migration`."""
