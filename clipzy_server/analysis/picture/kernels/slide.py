"""The loop that adds up what a slide leaves unexplained."""

from numba import njit


@njit(
    "void(float32[:, :, :], float32[:, :, :], float64[:, ::1], float64[:, ::1])",
    cache=True,
    nogil=True,
)
def slide_costs(to_old, to_new, push, cover):  # type: ignore[no-untyped-def]
    """Cost of every frame and shift 0…w of a picture that comes in from the right, float64[n, w + 1] each.

    to_old, to_new: float32[n, w, w], how far column i of a frame is from column j of the old or new picture. Moved by
    `shift`, column i of the frame is column i − (w − shift) of the new picture; before that it is column i + shift of
    the old one where that is pushed out, or column i where it is covered.
    """
    frames, width = to_old.shape[0], to_old.shape[1]
    for n in range(frames):
        for shift in range(width + 1):
            start = width - shift
            pushed, covered, came = 0.0, 0.0, 0.0
            for i in range(start):
                pushed += to_old[n, i, i + shift]
                covered += to_old[n, i, i]
            for i in range(start, width):
                came += to_new[n, i, i - start]
            push[n, shift] = pushed + came
            cover[n, shift] = covered + came
