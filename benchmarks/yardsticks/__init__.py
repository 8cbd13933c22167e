"""Other people's detectors, run in an environment of their own: never a dependency of Clipzy."""
