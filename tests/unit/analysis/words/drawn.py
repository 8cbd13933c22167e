"""Pictures with words in them."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from clipzy_server.media.frames import Frame

WIDTH, HEIGHT, RATE = 640, 360, 24


def scene(seed=0, width=WIDTH, height=HEIGHT):
    """uint8[h, w]: sharp shapes of all sizes."""
    rng = np.random.default_rng(seed)
    image = Image.new("L", (width, height), 120)
    draw = ImageDraw.Draw(image)
    for _ in range(140):
        x, y, size = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(8, 70)
        draw.ellipse((x, y, x + size, y + size * rng.uniform(0.3, 1)), fill=int(rng.integers(60, 190)))
    return np.asarray(image)


def with_words(picture, words, at, size_px=26, fill=235, edge=20):
    """The picture with an outlined line in it."""
    image = Image.fromarray(picture)
    font = ImageFont.load_default(size_px)
    ImageDraw.Draw(image).text(at, words, font=font, fill=fill, stroke_width=2, stroke_fill=edge, anchor="ma")
    return np.asarray(image)


def frames(pictures):
    """Frames of luma pictures without colour."""
    for number, picture in enumerate(pictures):
        grey = np.full(((picture.shape[0] + 1) // 2, (picture.shape[1] + 1) // 2), 128, np.uint8)
        yield Frame(number / RATE, np.array(picture), grey, grey)
