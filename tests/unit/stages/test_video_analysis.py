import numpy as np
import pytest

from clipzy_server.analysis.colour.measure import measure_colour
from clipzy_server.analysis.colour.thumbs import Thumbs
from clipzy_server.domain.analysis import Source
from clipzy_server.domain.codec import to_plain
from clipzy_server.media.probe import probe
from clipzy_server.stages import motion_analysis, video_analysis
from tests.unit.media.clips import scene, write_video


def test_stages_one_and_three_speak_plain_values_and_are_repeatable(tmp_path):
    path = write_video(tmp_path / "a.mp4", [scene(1)] * 25 + [scene(2)] * 25)
    source = Source(str(path), probe(path))
    seen, answers = [], []
    for name in ("one", "two"):
        folder = tmp_path / name
        inputs = to_plain(video_analysis.Inputs({"template": source, "footage": source}))
        pictures = video_analysis.task({"inputs": inputs, "folder": str(folder)}, seen.append)["pictures"]
        folders = {role: str(folder / role) for role in pictures}
        moved = {"inputs": {"pictures": pictures, "features": folders}, "folder": str(folder)}
        answers.append((pictures, motion_analysis.task(moved, seen.append)["motions"]))
    assert answers[0] == answers[1]
    pictures, motions = answers[0]
    assert pictures["template"] == pictures["footage"]
    assert [shot["first_frame"] for shot in pictures["footage"]["shots"]] == [0, 25]
    assert pictures["footage"]["aspect_ratio"] == "16:9"
    assert motions["footage"]["intensity"] < 1
    assert max(seen) == 1.0


def test_stills_of_the_template_are_kept_where_there_is_footage_beside_it(tmp_path):
    path = write_video(tmp_path / "a.mp4", [scene(1)] * 10)
    source = Source(str(path), probe(path))
    for name, roles in (("alone", ["template"]), ("beside", ["template", "footage"])):
        video_analysis.run(video_analysis.Inputs(dict.fromkeys(roles, source)), tmp_path / name, lambda _: None)
    stills = {folder.parent.name: len(list(folder.iterdir())) for folder in tmp_path.glob("*/*-stills")}
    assert stills == {"beside": video_analysis.STILLS}


@pytest.mark.parametrize(("style_role", "measured"), [("footage", True), ("template", True), (None, False)])
def test_colours_are_those_of_the_video_whose_style_is_wanted(tmp_path, style_role, measured):
    sources = {}
    for role, red in (("template", 200), ("footage", 60)):
        frame = scene(1) // 4 + np.array([red, 40, 40], np.uint8)
        path = write_video(tmp_path / f"{role}.mp4", [frame] * 10)
        sources[role] = Source(str(path), probe(path))
    colour = video_analysis.run(video_analysis.Inputs(sources, style_role), tmp_path, lambda _: None).colour
    assert (colour is not None) == measured
    if style_role is not None:
        assert colour == measure_colour(Thumbs.open(tmp_path / style_role))
