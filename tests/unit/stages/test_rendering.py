"""Plans become files that were checked by decoding them; everything beside the video says what was done."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest

from clipzy_server.analysis.colour.measure import measure_colour
from clipzy_server.analysis.colour.thumbs import Thumbs
from clipzy_server.analysis.motion.camera import analyse_motion
from clipzy_server.analysis.picture.feature_pass import measure_features
from clipzy_server.analysis.picture.features import Features
from clipzy_server.analysis.picture.picture_analysis import analyse_picture
from clipzy_server.analysis.sound.listen import analyse_sound
from clipzy_server.domain.analysis import Join, SoundAnalysis
from clipzy_server.domain.codec import from_plain, to_plain
from clipzy_server.domain.errors import ErrorCode, StageFailed
from clipzy_server.domain.job import Dimension, JobConfig, Quality
from clipzy_server.domain.plan import EditPlan, OutputFormat
from clipzy_server.domain.style import AspectRatio, Beat, BeatBand, Easing, Loudness, TransitionType
from clipzy_server.domain.video import VideoMetadata
from clipzy_server.media.frames import decode
from clipzy_server.media.stills import Stills, evenly
from clipzy_server.media.writer import Mp4Writer
from clipzy_server.rendering.chunks import chunks
from clipzy_server.stages import rendering, style_application, style_extraction
from clipzy_server.stages.checking import check_pictures, check_seams, check_sound

SIZE = (160, 90)
RATE = 30
METADATA = VideoMetadata(160, 90, 3.0, 30.0, "h264", 500, "mp4", True, "aac", False, False, 0)


def write_clip(path, colours, seconds_each=1.0, seed=1):
    """Shots of one colour each with moving detail; a tone as sound."""
    noise = np.random.default_rng(seed)
    count = round(seconds_each * RATE)
    with Mp4Writer(path, OutputFormat(*SIZE, Fraction(RATE), Quality.HIGH), has_sound=True) as writer:
        for y, u, v in colours:
            texture = np.kron(noise.integers(-25, 25, (12, 50)), np.ones((8, 8), int))
            for frame in range(count):
                planes = np.empty((135, 160), np.uint8)
                planes[:90] = np.clip(y + texture[:90, frame : frame + 160], 16, 235)
                flat = planes.reshape(-1)
                flat[14400:18000], flat[18000:] = u, v
                writer.write_picture(planes)
        tone = np.sin(2 * np.pi * 440 * np.arange(len(colours) * count * 1600) / 48000) * 0.2
        writer.write_sound(np.stack([tone, tone]).astype(np.float32))
    return path


FOOTAGE_COLOURS = ((70, 120, 140), (180, 140, 110), (100, 100, 150))
TEMPLATE_COLOURS = ((120, 100, 160), (190, 105, 155), (80, 95, 165))


class Analysed:
    def __init__(self, path, folder):
        self.path, self.features, self.stills = path, folder, folder.with_name(f"{folder.name}-stills")
        stills = Stills(evenly(Fraction(3), 6))
        found = measure_features(stills.watching(decode(path)), folder, 3.0, lambda _done: None)
        stills.save(self.stills)
        self.picture = analyse_picture(found, METADATA)
        self.motion = analyse_motion(found, self.picture)
        beats = (Beat(500, 1.0, BeatBand.BASS), Beat(1500, 1.0, BeatBand.BASS))
        self.sound = SoundAnalysis(has_sound=True, duration_s=3.0, beats=beats, loudness=Loudness(-19.0, 0.0, -16.0))
        colour = measure_colour(Thumbs.open(folder))
        at = datetime(2026, 1, 1, tzinfo=UTC)
        inputs = style_extraction.Inputs(self.picture, self.sound, self.motion, colour, at)
        self.style = style_extraction.run(inputs, folder, lambda _done: None).style


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    footage = write_clip(folder / "footage.mp4", FOOTAGE_COLOURS)
    template = write_clip(folder / "template.mp4", TEMPLATE_COLOURS, seed=2)
    return Analysed(footage, folder / "f"), Analysed(template, folder / "t")


def application_inputs(footage, template, config):
    return style_application.Inputs(
        (template or footage).style, footage.picture, footage.sound, footage.motion, str(footage.features), METADATA,
        config, str(template.features) if template else None,
    )  # fmt: skip


def planned(footage, template, folder, **settings):
    """What the stage is given, the plan made."""
    config = JobConfig(quality=Quality.LOW, **settings)
    style = (template or footage).style
    applied = style_application.task(
        _payload(application_inputs(footage, template, config), folder / "plan"), lambda _done: None
    )
    return {
        "footage": str(footage.path),
        "metadata": to_plain(METADATA),
        "template_stills": str(template.stills) if template else None,
        "style": to_plain(style),
        "plan": applied["plan"],
        "plan_folder": str(folder / "plan"),
        "config": to_plain(config),
        "sound": to_plain(footage.sound),
    }


def transfer(footage, template, folder, **settings):
    payload, done = planned(footage, template, folder, **settings), []
    outputs = rendering.task({"inputs": json.loads(json.dumps(payload)), "folder": str(folder / "out")}, done.append)
    return outputs, folder / "plan", folder / "out", done


def test_an_output_joined_of_its_parts_is_told_like_one_made_at_once(clips, tmp_path, monkeypatch):
    monkeypatch.setattr(rendering, "chunks", lambda plan: chunks(plan, Fraction(1, 2)))
    inputs = planned(*clips, tmp_path, keep_duration=True)
    whole = rendering.task({"inputs": inputs, "folder": str(tmp_path / "whole")}, lambda _done: None)
    parts = []
    for number in range(len(chunks(from_plain(EditPlan, inputs["plan"]), Fraction(1, 2)))):
        parts.append(str(tmp_path / f"part-{number}"))
        (tmp_path / f"part-{number}").mkdir()
        payload = {"inputs": {**inputs, "part": number}, "folder": parts[-1]}
        assert rendering.task(payload, lambda _done: None) == {}
    assert len(parts) > 2
    joined = rendering.task({"inputs": {**inputs, "parts": parts}, "folder": str(tmp_path / "joined")}, lambda _: None)
    made, told = from_plain(EditPlan, inputs["plan"]), []
    checked = [*zip(chunks(made, Fraction(1, 2)), (tmp_path / part / "features" for part in parts), strict=True)]
    check_seams(made, checked, tmp_path / "joined" / "output.mp4", tmp_path / "put-together", told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    again, at_once = Features.open(tmp_path / "put-together"), tmp_path / "at-once"
    check_pictures(made, range(made.frame_count), decode(tmp_path / "joined" / "output.mp4"), at_once, lambda _: None)
    for name in ("times", "thumb_y", "thumb_u", "thumb_v", "motion", "sharpness"):
        assert np.array_equal(getattr(again, name), getattr(Features.open(at_once), name)), name
    with pytest.raises(StageFailed, match="cannot be decoded"):
        check_seams(made, checked, tmp_path / "part-0" / "part.mp4", tmp_path / "torn", lambda _: None)
    slower = replace(made, output=replace(made.output, frame_rate=2 * made.output.frame_rate))
    with pytest.raises(StageFailed, match="fit together"):
        check_seams(slower, checked, tmp_path / "joined" / "output.mp4", tmp_path / "slower", lambda _: None)
    assert joined["frame_count"] == whole["frame_count"]
    for name, fidelity in whole["fidelity"].items():
        assert joined["fidelity"][name]["nearness"] == pytest.approx(fidelity["nearness"], abs=0.05), name
    assert (tmp_path / "joined" / rendering.SHEET_NAME).exists()


def _payload(inputs, folder):
    return {"inputs": json.loads(json.dumps(to_plain(inputs))), "folder": str(folder)}


def pictures(path):
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="gray") for frame in container.decode(video=0)])


@pytest.fixture(scope="module")
def faithful(clips, tmp_path_factory):
    return transfer(clips[0], None, tmp_path_factory.mktemp("faithful"))


@pytest.fixture(scope="module")
def styled(clips, tmp_path_factory):
    return transfer(clips[0], clips[1], tmp_path_factory.mktemp("styled"), apply=(Dimension.COLOR, Dimension.ZOOM))


def test_without_a_template_the_output_is_the_footage(clips, faithful):
    outputs, _, out, _ = faithful
    raw, made = pictures(clips[0].path), pictures(out / "output.mp4")
    assert outputs["frame_count"] == len(raw) == len(made)
    assert 10 * np.log10(255**2 / np.mean((raw.astype(float) - made) ** 2)) > 30


def test_progress_grows_to_the_end(faithful):
    done = faithful[3]
    assert all(a <= b for a, b in pairwise(done))
    assert done[-1] == 1.0


def test_every_artifact_is_there_and_nothing_else(faithful):
    _, plan, out, _ = faithful
    assert sorted(path.name for path in out.iterdir()) == ["comparison.png", "output.mp4", "report.html"]
    assert {path.name for path in plan.iterdir()} == {
        "plan.json", "luts.npy", "grade.cube", "timeline.otio", "timeline.edl",
    }  # fmt: skip


def test_the_report_loads_nothing_from_elsewhere(styled):
    page = (styled[2] / "report.html").read_text()
    assert page.startswith("<!doctype html")
    assert "</html>" in page
    sources = re.findall(r"""(?:src|href)\s*=\s*["']?([^"'\s>]+)""", page)
    assert sources
    assert all(source.startswith("data:") for source in sources)


def test_the_report_tells_every_field_before_and_after_and_the_beats(styled):
    page = (styled[2] / "report.html").read_text()
    for told in (
        "color_grade.temperature",
        "loudness.integrated_lufs",
        "audio_style.compression_ratio",
        "cut_frequency",
    ):
        assert told in page
    assert page.count("data:image/jpeg") == 6
    assert page.count('fill="#facc15"') == 2


def test_the_loudness_that_is_told_was_measured_on_the_decoded_output(clips, tmp_path):
    outputs, _, out, _ = transfer(*clips, tmp_path, apply=(Dimension.AUDIO,))
    heard = analyse_sound(str(out / "output.mp4"), "flux", lambda _done: None).loudness.integrated_lufs
    told = outputs["fidelity"]["audio"]
    assert told["output"] == pytest.approx(heard, abs=0.01)
    assert told["output"] == pytest.approx(told["template"], abs=0.3)


def test_an_output_without_its_sound_fails(clips, faithful):
    plan = from_plain(EditPlan, json.loads((faithful[1] / "plan.json").read_text()))
    with pytest.raises(StageFailed) as caught:
        check_sound(plan, faithful[2] / "output.mp4", has_sound=False)
    assert caught.value.code is ErrorCode.RENDER_FAILED


def test_the_comparison_shows_a_row_for_each_video(styled, faithful):
    sizes = []
    for _, _, out, _ in (faithful, styled):
        with av.open(str(out / "comparison.png")) as picture:
            shown = next(picture.decode(video=0)).to_ndarray(format="rgb24")
        sizes.append(shown.shape[0])
        assert shown.std() > 5
    assert sizes[1] > sizes[0]


def test_colours_come_nearer_to_the_template(clips, styled):
    outputs, plan, out, _ = styled
    with av.open(str(out / "output.mp4")) as container:
        made = np.mean([frame.to_ndarray()[90:].mean() for frame in container.decode(video=0)])
    assert np.load(plan / "luts.npy").shape == (1, 3, 33, 33, 256)
    assert outputs["fidelity"]["color"]["nearness"] > 0.7
    assert made > 0


def test_fidelity_tells_what_was_applied_and_nothing_else(styled, faithful):
    assert set(styled[0]["fidelity"]) == {"color", "zoom"}
    assert all(0 <= one["nearness"] <= 1 for one in styled[0]["fidelity"].values())
    assert faithful[0]["fidelity"] == {}


def test_the_same_job_twice_gives_the_same_bytes(clips, tmp_path):
    both = [transfer(*clips, tmp_path / name)[2] / "output.mp4" for name in ("one", "two")]
    assert both[0].read_bytes() == both[1].read_bytes()


def test_shape_and_transitions_are_applied(clips, tmp_path):
    footage, template = clips
    join = Join(TransitionType.DISSOLVE, 0.9, 0.2, Easing.LINEAR, 1.0)
    template = _with_style(template, join)
    _, plan, out, _ = transfer(footage, template, tmp_path, apply=(Dimension.TRANSITIONS, Dimension.FRAMING))
    with av.open(str(out / "output.mp4")) as container:
        video = container.streams.video[0]
        assert (video.width, video.height) == (50, 90)
    assert json.loads((plan / "plan.json").read_text())["segments"][1]["transition"]["type"] == "dissolve"


def _with_style(analysed, join):
    from dataclasses import replace

    changed = object.__new__(Analysed)
    changed.__dict__.update(analysed.__dict__)
    transition = replace(analysed.style.primary_transition, type=join.type, duration_ms=200, easing=join.easing)
    changed.style = replace(
        analysed.style,
        primary_transition=transition,
        aspect_ratio=AspectRatio.TALL,
        shots=(),
        secondary_transition=None,
    )
    return changed


# In a mount namespace of its own: a disk of $1 bytes at $2, then the stage $4 with what $5 says.
FULL = """
mount -t tmpfs -o size="$1" tmpfs "$2"
exec "$3" -c 'import errno, json, pathlib, sys
from clipzy_server.stages import rendering, style_application
try: globals()[sys.argv[1]].task(json.loads(pathlib.Path(sys.argv[2]).read_text()), lambda _: None)
except OSError as error: print(errno.errorcode[error.errno])' "$4" "$5"
"""


@pytest.mark.parametrize(
    ("stage", "size_bytes"),
    [
        pytest.param("style_application", 1_000_000, id="before there is room for its colour tables"),
        pytest.param("rendering", 2_000_000, id="before there is room for its cut"),
        pytest.param("rendering", 2_330_000, id="before there is room for its video"),
    ],
)
def test_a_disk_that_is_full_is_told_as_that_and_nothing_else(clips, tmp_path, stage, size_bytes):
    disk, asked = tmp_path / "disk", tmp_path / "asked.json"
    disk.mkdir()
    if stage == "rendering":
        inputs = planned(clips[0], None, tmp_path)
    else:
        inputs = to_plain(application_inputs(*clips, JobConfig()))
    asked.write_text(json.dumps({"inputs": inputs, "folder": str(disk)}))
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", FULL, "sh"]
    ended = subprocess.run(
        [*command, str(size_bytes), disk, sys.executable, stage, asked], check=False, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stdout.strip(), ended.stderr) == (0, "ENOSPC", "")


def test_an_output_of_the_wrong_length_fails(clips, faithful, tmp_path):
    _, plan, out, _ = faithful
    made = json.loads((plan / "plan.json").read_text())
    made["segments"][-1]["frame_count"] += 5
    longer, frames = from_plain(EditPlan, made), decode(out / "output.mp4")
    with pytest.raises(StageFailed) as caught:
        check_pictures(longer, range(longer.frame_count), frames, tmp_path / "features", lambda _done: None)
    assert caught.value.code is ErrorCode.RENDER_FAILED
