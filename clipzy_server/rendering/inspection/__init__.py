"""The picture of a video's style that `clipzy inspect` draws."""
