"""Opaque public ids: a prefix and 128 random bits, URL-safe."""

import secrets


def new_id(prefix: str) -> str:
    """`vid`, `job`, `sty`, … → `vid_` and 32 hexadecimal digits."""
    return f"{prefix}_{secrets.token_hex(16)}"
