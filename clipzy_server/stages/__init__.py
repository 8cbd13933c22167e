"""The six documented stages: typed input, typed output, a progress callback."""
