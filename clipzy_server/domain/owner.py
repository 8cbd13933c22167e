"""Whoever things belong to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Owner:
    """Owners never see each other's things. `name` is for people, `owner_id` (`own_…`) for rows."""

    owner_id: str
    name: str
