"""Saved styles and their differences as JSON."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from clipzy_server.domain.page import Page
from clipzy_server.domain.style import SavedStyle
from clipzy_server.rest.style_json import PlainStyle, style_json


class SavedStyleJson(BaseModel):
    """A Style DNA under a name."""

    style_id: str
    name: str
    style_json: PlainStyle
    created_at: datetime


class StyleIdJson(BaseModel):
    """Which style it was."""

    style_id: str


class SavedStylePageJson(BaseModel):
    """One page of saved styles."""

    styles: tuple[SavedStyleJson, ...]
    total: int
    page: int
    page_size: int


class FieldDifferenceJson(BaseModel):
    """One field of two styles; `change` is b − a where both are numbers."""

    model_config = ConfigDict(from_attributes=True)

    field: str
    a: bool | int | float | str | None
    b: bool | int | float | str | None
    change: int | float | None


class StyleDifferenceJson(BaseModel):
    """What differs."""

    model_config = ConfigDict(from_attributes=True)

    fields: tuple[FieldDifferenceJson, ...]
    summary: str


def saved_style_json(saved: SavedStyle) -> SavedStyleJson:
    """The saved style in its published form."""
    return SavedStyleJson(
        style_id=saved.style_id, name=saved.name, style_json=style_json(saved.style), created_at=saved.created_at
    )


def saved_style_page_json(page: Page[SavedStyle]) -> SavedStylePageJson:
    """The page in its published form."""
    styles = tuple(map(saved_style_json, page.items))
    return SavedStylePageJson(styles=styles, total=page.total, page=page.page, page_size=page.page_size)
