"""Loops that the classifier hears no music in."""

import numpy as np
import pytest

from clipzy_server.analysis.sound.listen import analyse_sound
from clipzy_server.analysis.sound.loops import is_musical_loop
from tests.unit.analysis.sound.test_listen import write_wave
from tests.unit.analysis.sound.test_repetition import RATE_HZ, drone, onsets_of

VEHICLE, RAIN, SPEECH, SIREN = 294, 283, 0, 390


def windows(heard):
    found = np.zeros((20, 521), np.float16)
    found[:, heard] = 0.6
    return found


def test_a_drone_that_goes_round_is_music_although_it_sounds_like_a_vehicle():
    assert is_musical_loop(windows(VEHICLE), onsets_of(drone(14, 4.95)))


@pytest.mark.parametrize("heard", [RAIN, SPEECH, SIREN])
def test_loops_of_something_else_are_not(heard):
    assert not is_musical_loop(windows(heard), onsets_of(drone(14, 4.95)))


def test_what_does_not_repeat_itself_is_not():
    assert not is_musical_loop(windows(VEHICLE), onsets_of(drone(14, 13.0)))


def test_turns_of_a_machine_are_not():
    wave = np.random.default_rng(2).standard_normal(14 * RATE_HZ)
    turning = wave * (1 + np.sin(2 * np.pi * 11 * np.arange(len(wave)) / RATE_HZ))
    assert not is_musical_loop(windows(VEHICLE), onsets_of(turning))


def test_steady_and_no_sound_are_not():
    steady = 0.1 * np.sin(2 * np.pi * 100 * np.arange(14 * RATE_HZ) / RATE_HZ)
    assert not is_musical_loop(windows(VEHICLE), onsets_of(steady))
    assert not is_musical_loop(windows(VEHICLE)[:0], onsets_of(np.zeros(0)))


@pytest.mark.parametrize("tracker", ["madmom", "flux"])
def test_a_drone_that_goes_round_after_whole_bars_has_their_tempo(tmp_path, tracker):
    wave = drone(20, 16 * 60 / 100, hz=55)
    found = analyse_sound(write_wave(tmp_path / "a.mkv", wave / np.abs(wave).max()), tracker, lambda done: None)
    assert [(stretch.start_s, stretch.end_s) for stretch in found.music] == [(0.0, found.duration_s)]
    assert min(abs(found.tempo_bpm / bpm - 1) for bpm in (100, 200)) < 0.04
