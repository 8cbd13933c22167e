"""`clipzy styles`."""

import json
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from clipzy_client.cli.desk import Desk, with_desk
from clipzy_client.cli.jobs import Limit
from clipzy_client.style import StyleDna

styles = typer.Typer(no_args_is_help=True, help="Keep styles under names, compare and delete them.")

StyleId = Annotated[str, typer.Argument(help="sty_…")]
_FILE = typer.Option("--file", exists=True, dir_okay=False, help="A style.json.")


@styles.command()
@with_desk
def save(
    desk: Desk,
    name: Annotated[str, typer.Argument(help="Its name; need not be unique.")],
    job: Annotated[str, typer.Option(help="The job whose style it is.")] = "",
    file: Annotated[Path | None, _FILE] = None,
) -> None:
    """Keeps the style of a job, or of a file, under a name."""
    given = StyleDna.from_dict(json.loads(file.read_text())) if file else None
    style = desk.client.styles.save(name, job_id=job or None, style=given)
    desk.show(style, f"{style.style_id}  {style.name}")


@styles.command("list")
@with_desk
def list_styles(desk: Desk, limit: Limit = 20) -> None:
    """Lists saved styles, newest first."""
    desk.table(
        list(islice(desk.client.styles.list(), limit)),
        {
            "style": lambda style: style.style_id,
            "name": lambda style: style.name,
            "format": lambda style: style.style.aspect_ratio,
            "cuts/min": lambda style: f"{style.style.cut_frequency:.1f}",
            "created": lambda style: f"{style.created_at:%Y-%m-%d %H:%M:%S}",
        },
    )


@styles.command()
@with_desk
def show(desk: Desk, style_id: StyleId) -> None:
    """Shows a saved style; with --json the whole of it."""
    saved = desk.client.styles.get(style_id)
    short = {
        name: value for name, value in saved.style.to_dict().items() if not isinstance(value, list) and name != "look"
    }
    desk.show(
        saved, "\n".join([f"{saved.style_id}  {saved.name}", *(f"{name}: {value}" for name, value in short.items())])
    )


@styles.command()
@with_desk
def diff(desk: Desk, style_id: StyleId, with_style_id: StyleId) -> None:
    """Tells how the second style differs from the first."""
    found = desk.client.styles.diff(style_id, with_style_id)
    if desk.as_json:
        desk.show(found, "")
        return
    desk.table(
        list(found.fields),
        {"field": lambda each: each.field, "first": lambda each: each.a, "second": lambda each: each.b},
    )
    desk.say(found.summary)


@styles.command()
@with_desk
def delete(desk: Desk, style_id: StyleId) -> None:
    """Deletes a saved style; jobs keep what they took from it."""
    desk.client.styles.delete(style_id)
    desk.show({"deleted": style_id}, f"deleted {style_id}")
