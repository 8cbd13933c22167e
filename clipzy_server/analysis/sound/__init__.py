"""What a video sounds like: music, speech, beats, tempo, genre, loudness, dynamics, bass."""
