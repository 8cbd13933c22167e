"""Which frames of a long output are rendered apart from each other, so that several workers share one video.

Every chunk is encoded by itself, so it begins with a key frame that nothing before it is needed for, and the chunks are
joined by copying. Where they begin depends on the plan alone: the file is the same however many workers there were.
"""

from fractions import Fraction

from clipzy_server.domain.plan import EditPlan

CHUNK_S = Fraction(120)


def chunks(plan: EditPlan, chunk_s: Fraction = CHUNK_S) -> tuple[range, ...]:
    """Output frames of each chunk, in order. Outputs shorter than two and a half chunks stay whole."""
    each = max(1, round(chunk_s * plan.output.frame_rate))
    count = max(1, int(Fraction(plan.frame_count, each) - Fraction(1, 2)))
    edges = [plan.frame_count * k // count for k in range(count + 1)]
    return tuple(range(edges[k], edges[k + 1]) for k in range(count))
