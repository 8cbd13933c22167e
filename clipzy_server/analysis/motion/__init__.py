"""How the camera moves."""
