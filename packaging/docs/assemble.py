"""build/docs out of docs/: its pages, the generated reference, llms.txt. Run by `make docs`."""

import json
import re
import shutil
from pathlib import Path

import yaml
from code_pages import errors_page, settings_page
from grpc_page import grpc_page
from rest_page import rest_page

ROOT = Path(__file__).parents[2]
SOURCE, TARGET = ROOT / "docs", ROOT / "build" / "docs"

# A link to what is no page of the documentation, but a file of the repository: its words stay.
_OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(?!how-to|explanation|reference|decisions|[a-z-]+\.(?:md|json))[^)]*\)")
_NO_GIST = ("#", "|", "- ", "```", "<!--", "![")
_MARK = re.compile(r"^<!-- tested.*-->\n", re.MULTILINE)


def nav_pages(entries: list[object]) -> list[str]:
    """The files of mkdocs.yml's nav, in order."""
    found: list[str] = []
    for entry in entries:
        for value in entry.values() if isinstance(entry, dict) else [entry]:
            found += nav_pages(value) if isinstance(value, list) else [str(value)]
    return found


def title_and_gist(text: str) -> tuple[str, str]:
    """A page's heading and its first paragraph."""
    title, _, rest = text.removeprefix("# ").partition("\n")
    gist = next((part for part in rest.split("\n\n") if part.strip() and not part.lstrip().startswith(_NO_GIST)), "")
    return title, " ".join(gist.split())


def reference() -> dict[str, str]:
    """What the programs themselves say, by file name."""
    return {
        "rest.md": rest_page(json.loads((SOURCE / "openapi.json").read_text())),
        "grpc.md": grpc_page((ROOT / "gen" / "clipzy" / "clipzy.pb").read_bytes()),
        "errors.md": errors_page(),
        "settings.md": settings_page((ROOT / "README.md").read_text()),
    }


def write_llms() -> None:
    """What the site has, in one page for language models, and all of it in another."""
    pages = nav_pages(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"])
    pages += sorted({page.relative_to(TARGET).as_posix() for page in TARGET.rglob("*.md")} - set(pages))
    lines = ["# Clipzy", "", "> Learns the style of a video and gives it to other footage.", "", "## Documentation", ""]
    whole = []
    for page in pages:
        text = (TARGET / page).read_text()
        title, gist = title_and_gist(text)
        address = page.removesuffix("index.md").removesuffix(".md")
        lines.append(f"- [{title}]({address + '/' if address else './'}): {gist}")
        whole.append(text)
    (TARGET / "llms.txt").write_text("\n".join(lines) + "\n")
    (TARGET / "llms-full.txt").write_text("\n\n".join(whole))


def main() -> None:
    """Writes everything anew."""
    shutil.rmtree(TARGET, ignore_errors=True)
    shutil.copytree(SOURCE, TARGET, ignore=shutil.ignore_patterns("requirements.*", "openapi-rules.yaml"))
    (TARGET / "reference").mkdir()
    for name, text in reference().items():
        (TARGET / "reference" / name).write_text(text)
    for page in TARGET.rglob("*.md"):
        page.write_text(_MARK.sub("", _OUTSIDE.sub(r"\1", page.read_text())))
    write_llms()


if __name__ == "__main__":
    main()
