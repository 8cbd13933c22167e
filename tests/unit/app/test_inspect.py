"""`clipzy inspect` as it is called: the real boxes, the real stages, real files."""

import pytest
from PIL import Image

from clipzy_server.app.inspect_cli import inspect_video
from clipzy_server.app.settings import BeatTracker, Settings
from clipzy_server.domain.style import AspectRatio
from clipzy_server.rest.style_json import StyleJson
from tests.unit.media.clips import scene, write_video


@pytest.fixture
def settings():
    return Settings(beat_tracker=BeatTracker.FLUX)


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp("inspect") / "clip.mp4", [scene(1)] * 25 + [scene(2)] * 25)


def test_the_style_is_printed_as_the_api_gives_it(settings, video, capfd):
    inspect_video(settings, video, None)
    style = StyleJson.model_validate_json(capfd.readouterr().out)
    assert style.aspect_ratio is AspectRatio.WIDE
    assert [shot.start_ms for shot in style.shots] == [0, 1000]


def test_the_picture_is_drawn_where_it_is_wanted(settings, video, tmp_path, capfd):
    folder = tmp_path / "new" / "folder"
    inspect_video(settings, video, folder)
    png, html = capfd.readouterr().out.splitlines()
    assert (png, html) == (str(folder / "clip-style.png"), str(folder / "clip-style.html"))
    with Image.open(png) as image:
        assert image.width == 3200
    assert "clip.mp4" in (folder / "clip-style.html").read_text()


def test_what_is_no_video_is_told_in_a_sentence(settings, tmp_path):
    path = tmp_path / "notes.mp4"
    path.write_text("no video at all")
    with pytest.raises(SystemExit, match="UNSUPPORTED_FORMAT"):
        inspect_video(settings, path, tmp_path)
    assert list(tmp_path.iterdir()) == [path]
