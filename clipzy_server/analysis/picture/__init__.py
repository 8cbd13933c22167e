"""What a video looks like: features of every frame, shots, format."""
