import pytest

from clipzy_server.domain.analysis import SoundAnalysis, Source
from clipzy_server.domain.video import VideoMetadata
from clipzy_server.stages import audio_analysis
from clipzy_server.stages.audio_analysis import Inputs, run

METADATA = VideoMetadata(640, 360, 2.0, 30.0, "h264", 0, "mp4", True, "aac", False, False, 0)


@pytest.fixture
def heard(monkeypatch):
    paths = []

    def analyse(path, beat_tracker, report):
        paths.append(path)
        for done in (0.0, 0.5, 1.0):
            report(done)
        return SoundAnalysis(duration_s=float(len(paths)))

    monkeypatch.setattr(audio_analysis, "analyse_sound", analyse)
    return paths


def sources(**paths):
    return {role: Source(path, METADATA) for role, path in paths.items()}


def test_two_videos_are_heard_one_after_the_other_and_progress_grows_over_both(heard, tmp_path):
    told = []
    found = run(Inputs(sources(template="a", footage="b"), "flux"), tmp_path, told.append)
    assert heard == ["a", "b"]
    assert (found.sounds["template"].duration_s, found.sounds["footage"].duration_s) == (1, 2)
    assert told == [0, 0.25, 0.5, 0.5, 0.75, 1]


def test_one_file_in_two_roles_is_heard_once(heard, tmp_path):
    found = run(Inputs(sources(template="a", footage="a"), "flux"), tmp_path, lambda done: None)
    assert heard == ["a"]
    assert found.sounds["template"] == found.sounds["footage"]
