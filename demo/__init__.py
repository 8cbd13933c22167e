"""A whole transfer on two real clips, for looking at."""
