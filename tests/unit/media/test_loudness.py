"""The meter against the test signals of EBU Tech 3341 and 3342, made here."""

import numpy as np
import pytest

from clipzy_server.media.loudness import LoudnessMeter

RATE_HZ = 48_000


def tone(hz, seconds, dbfs, phase_degrees=0.0):
    t = np.arange(round(seconds * RATE_HZ))
    wave = 10 ** (dbfs / 20) * np.sin(2 * np.pi * hz * t / RATE_HZ + np.radians(phase_degrees))
    return np.stack([wave, wave]).astype(np.float32)


def measured(*parts):
    meter = LoudnessMeter(RATE_HZ, "stereo")
    for part in parts:
        for first in range(0, part.shape[1], RATE_HZ):
            meter.push(part[:, first : first + RATE_HZ])
    return meter.finish()


@pytest.mark.parametrize(
    ("levels", "lufs"),
    [
        ([(-23, 20)], -23),
        ([(-33, 20)], -33),
        ([(-36, 10), (-23, 60), (-36, 10)], -23),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23),
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23),
    ],
)
def test_ebu_3341_integrated_loudness(levels, lufs):
    found = measured(*(tone(1000, seconds, dbfs) for dbfs, seconds in levels))
    assert found.integrated_lufs == pytest.approx(lufs, abs=0.1)


@pytest.mark.parametrize(
    ("levels", "range_lu"),
    [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20), ((-50, -35, -20, -35, -50), 15)],
)
def test_ebu_3342_range(levels, range_lu):
    found = measured(*(tone(1000, 20, dbfs) for dbfs in levels))
    assert found.range_lu == pytest.approx(range_lu, abs=1)


@pytest.mark.parametrize(
    ("divisor", "phase_degrees", "amplitude", "dbtp"),
    [(4, 0, 0.5, -6), (4, 45, 0.5, -6), (6, 60, 0.5, -6), (8, 67.5, 0.5, -6), (4, 45, 1.41, 3)],
)
def test_ebu_3341_true_peak(divisor, phase_degrees, amplitude, dbtp):
    found = measured(tone(RATE_HZ / divisor, 4, 20 * np.log10(amplitude), phase_degrees))
    assert dbtp - 0.4 <= found.true_peak_dbtp <= dbtp + 0.2


def test_silence_has_no_loudness():
    found = measured(np.zeros((2, 5 * RATE_HZ), np.float32))
    assert (found.integrated_lufs, found.range_lu, found.true_peak_dbtp) == (None, None, None)


def test_readings_tell_the_loudness_over_time():
    readings = []
    meter = LoudnessMeter(RATE_HZ, "stereo", true_peak=False, readings=readings)
    for part in (tone(1000, 5, -33), tone(1000, 5, -23)):
        meter.push(part)
    meter.finish()
    assert len(readings) == pytest.approx(100, abs=1)
    assert readings[-1].time_s == pytest.approx(10, abs=0.1)
    by_time = {round(reading.time_s, 1): reading for reading in readings}
    assert by_time[4.0].momentary == pytest.approx(-33, abs=0.1)
    assert by_time[5.5].momentary == pytest.approx(-23, abs=0.1)
    assert by_time[4.0].short_term == pytest.approx(-33, abs=0.1)
    assert -33 < by_time[6.0].short_term < -23.5


def test_values_that_are_no_numbers_do_not_spoil_the_reading():
    broken = tone(1000, 5, -23)
    broken[:, 1000:1010] = np.nan
    assert measured(broken, tone(1000, 15, -23)).integrated_lufs == pytest.approx(-23, abs=0.1)
