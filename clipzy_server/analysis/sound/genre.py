"""The genre of music by YAMNet's own classes, on a small published vocabulary; none where no class is clear."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# AudioSet classes that speak for a genre: general classes and their children.
GENRES: dict[str, tuple[int, ...]] = {
    "pop": (211,),
    "hip hop": (212, 213),
    "rock": (214, 217, 218, 219, 220),
    "metal": (215,),
    "punk": (216,),
    "r&b": (221, 222),
    "reggae": (223, 258),
    "country": (224, 226),
    "funk": (227,),
    "folk": (228, 259),
    "jazz": (225, 230),
    "disco": (231,),
    "classical": (179, 232, 233),
    "electronic": (234, 235, 236, 237, 238, 239, 240, 242),
    "ambient": (241, 248),
    "latin": (243, 244, 245),
    "blues": (246,),
}
_LEAST_PROBABILITY = 0.12
_LEAST_LEAD = 1.3


@dataclass(frozen=True, slots=True)
class Genre:
    """A name of the vocabulary, or None; `confidence` is the class's mean probability, None without a name."""

    name: str | None
    confidence: float | None


def find_genre(classes: npt.NDArray[np.float16]) -> Genre:
    """Genre of musical windows [windows, 521]: its mean probability is at least 0.12 and 1.3 times the next one's."""
    if not len(classes):
        return Genre(None, None)
    mean = classes.astype(np.float64).mean(axis=0)
    scores = {name: float(mean[list(members)].max()) for name, members in GENRES.items()}
    (best, probability), (_, second) = sorted(scores.items(), key=lambda item: -item[1])[:2]
    if probability < _LEAST_PROBABILITY or probability < _LEAST_LEAD * second:
        return Genre(None, None)
    return Genre(best, probability)
