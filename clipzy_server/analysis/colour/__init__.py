"""The look of a picture: six numbers, palette and compact statistics, from its thumbnails."""
