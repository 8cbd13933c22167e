import pytest

from clipzy.v1 import health_service_pb2, job_pb2, style_pb2
from clipzy_server.api import enums
from clipzy_server.domain.errors import ErrorCode, Invalid
from clipzy_server.domain.job import Dimension, JobMode, JobStatus, Quality, Stage
from clipzy_server.domain.style import AspectRatio, BeatBand, Easing, TransitionType
from clipzy_server.usecases.health import HealthStatus

PAIRS = [
    (enums.ASPECT_RATIOS, AspectRatio, style_pb2.AspectRatio),
    (enums.TRANSITION_TYPES, TransitionType, style_pb2.TransitionType),
    (enums.EASINGS, Easing, style_pb2.Easing),
    (enums.BEAT_BANDS, BeatBand, style_pb2.BeatBand),
    (enums.JOB_STATUSES, JobStatus, job_pb2.JobStatus),
    (enums.STAGES, Stage, job_pb2.Stage),
    (enums.QUALITIES, Quality, job_pb2.Quality),
    (enums.JOB_MODES, JobMode, job_pb2.JobMode),
    (enums.DIMENSIONS, Dimension, job_pb2.Dimension),
    (enums.HEALTH_STATUSES, HealthStatus, health_service_pb2.HealthStatus),
]


@pytest.mark.parametrize(("names", "kind", "wire"), PAIRS)
def test_both_sides_have_the_same_values(names, kind, wire):
    numbers = {names.to_wire(value) for value in kind}
    assert numbers == set(wire.values()) - {0}
    assert [names.from_wire(names.to_wire(value), "field") for value in kind] == list(kind)


@pytest.mark.parametrize(
    ("number", "code"),
    [(0, ErrorCode.MISSING_FIELD), (99, ErrorCode.VALIDATION_ERROR), (-1, ErrorCode.VALIDATION_ERROR)],
)
def test_numbers_without_a_meaning_are_refused(number, code):
    with pytest.raises(Invalid) as caught:
        enums.EASINGS.from_wire(number, "easing")
    assert caught.value.code is code
    assert "easing" in caught.value.detail


def test_an_unset_value_is_the_default_where_there_is_one():
    assert enums.QUALITIES.from_wire_or(0, "quality", Quality.HIGH) is Quality.HIGH
    assert enums.QUALITIES.from_wire_or(job_pb2.QUALITY_LOW, "quality", Quality.HIGH) is Quality.LOW
