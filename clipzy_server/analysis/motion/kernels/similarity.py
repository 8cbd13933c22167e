"""Loops that fit a similarity between two small pictures.

Inverse compositional Gauss–Newton (Baker and Matthews, "Lucas–Kanade 20 years on", 2004) with Tukey's weights and a
gain and offset of brightness. Coordinates are pixels from the centre of the picture; a point p (complex, x + iy) of
the picture before lies at a·p + t in this one. `state` is float64[6]: Re a, Im a, Re t, Im t, gain − 1, offset.
"""

import numpy as np
from numba import njit

BINS_PER_LEVEL = 4
# A step that moves the picture's edge by less is the last one.
SETTLED_PX = 0.01
# Rows are padded to whole turns of the compiler's loops.
LANES = 16
# Sums may be taken in any order, which lets them be taken in lanes.
ANY_ORDER = {"reassoc", "nsz"}


@njit("void(float32[:, ::1], float32[:, ::1])", cache=True, nogil=True)
def halve(picture, out):  # type: ignore[no-untyped-def]
    """out[r, c] = mean of the 2 × 2 block; an odd last row or column is left out."""
    rows, columns = out.shape
    for row in range(rows):
        for column in range(columns):
            y, x = 2 * row, 2 * column
            total = picture[y, x] + picture[y, x + 1] + picture[y + 1, x] + picture[y + 1, x + 1]
            out[row, column] = total * np.float32(0.25)


@njit
def _sums(picture):  # type: ignore[no-untyped-def]
    """float64[h + 1, w + 1]: the sum of all pixels above and left of each corner."""
    height, width = picture.shape
    out = np.zeros((height + 1, width + 1))
    for y in range(height):
        row = 0.0
        for x in range(width):
            row += picture[y, x]
            out[y + 1, x + 1] = out[y, x + 1] + row
    return out


@njit
def _sum_within(sums, top, left, height, width):  # type: ignore[no-untyped-def]
    bottom, right = top + height, left + width
    return sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]


@njit(fastmath=ANY_ORDER)
def _distance(one, other, offset):  # type: ignore[no-untyped-def]
    total = np.float32(0)
    for x in range(len(one)):
        total += abs(one[x] - other[x] - offset)
    return total


@njit("void(float32[:, ::1], float32[:, ::1], int64, int64, float64[::1])", cache=True, nogil=True)
def search_shift(before, now, reach_x, reach_y, state):  # type: ignore[no-untyped-def]
    """Put the shift with the smallest difference, no farther than the reach (px), into the state; favours no shift.

    The difference is the mean absolute one of what both pictures show, their means made equal.
    """
    height, width = before.shape
    sums_before, sums_now = _sums(before), _sums(now)
    best, best_x, best_y = np.inf, 0, 0
    for k in range(-1, (2 * reach_x + 1) * (2 * reach_y + 1)):
        dy, dx = (0, 0) if k < 0 else (k // (2 * reach_x + 1) - reach_y, k % (2 * reach_x + 1) - reach_x)
        top, left, rows, columns = max(0, dy), max(0, dx), height - abs(dy), width - abs(dx)
        count = rows * columns
        there = _sum_within(sums_before, top - dy, left - dx, rows, columns)
        offset = np.float32((_sum_within(sums_now, top, left, rows, columns) - there) / count)
        limit, total = best * count, 0.0
        for y in range(top, top + rows):
            total += _distance(now[y, left : left + columns], before[y - dy, left - dx : left - dx + columns], offset)
            if total >= limit:
                break
        else:
            best, best_x, best_y = total / count * (0.97 if k < 0 else 1.0), dx, dy
    state[0], state[1], state[2], state[3], state[4], state[5] = 1.0, 0.0, best_x, best_y, 0.0, 0.0


@njit
def solve(matrix, right):  # type: ignore[no-untyped-def]
    """Solve a symmetric positive definite system in place (Cholesky); False where it is singular."""
    n = len(right)
    for i in range(n):
        for j in range(i + 1):
            value = matrix[i, j]
            for k in range(j):
                value -= matrix[i, k] * matrix[j, k]
            if i == j:
                if value <= 1e-12:
                    return False
                matrix[i, i] = np.sqrt(value)
            else:
                matrix[i, j] = value / matrix[j, j]
    for i in range(n):
        for k in range(i):
            right[i] -= matrix[i, k] * right[k]
        right[i] /= matrix[i, i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            right[i] -= matrix[k, i] * right[k]
        right[i] /= matrix[i, i]
    return True


@njit
def _places(state, y, stride, height, width, shares, at):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """Where every `stride`th point of row y from column 1 on lies: its pixel's index and shares of the next along and
    down; index 0 and NaN where it leaves the view.
    """
    cx, cy = (width - 1) / 2, (height - 1) / 2
    a, b, right, down = state[0], state[1], state[2] + cx, state[3] + cy
    last_x, last_y, pitch = width - 1.0, height - 1.0, float(width)
    py = y - cy
    for k in range(len(at)):
        px = float(np.int32(1 + k * stride)) - cx
        x = a * px - b * py + right
        y = b * px + a * py + down
        inside = (x >= 0) & (y >= 0) & (x < last_x) & (y < last_y)
        column, line = np.floor(x), np.floor(y)
        shares[0, k] = x - column if inside else np.nan
        shares[1, k] = y - line
        at[k] = np.int32(line * pitch + column if inside else 0.0)


@njit
def _corners(picture, at, out):  # type: ignore[no-untyped-def]
    """out[:, k] = the pixel at an index, the one to its right, and the two below them."""
    flat, width = picture.reshape(-1), np.uintp(picture.shape[1])
    for k in range(len(at)):
        place = np.uintp(at[k])
        out[0, k], out[1, k] = flat[place], flat[place + np.uintp(1)]
        place += width
        out[2, k], out[3, k] = flat[place], flat[place + np.uintp(1)]


@njit
def _residuals(before, now, state, y, stride, out, at):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917
    """out[0]: residuals of the points of `_places`, levels; NaN where one leaves the view.

    out: float64[7, points]; the rows after the first, and `at`, are room to work in.
    """
    height, width = before.shape
    gain, offset = 1 + state[4], state[5]
    row = before[y]
    _places(state, y, stride, height, width, out[1:3], at)
    _corners(now, at, out[3:])
    for k in range(len(at)):
        fx, fy = out[1, k], out[2, k]
        upper = out[3, k] * (1 - fx) + out[4, k] * fx
        lower = out[5, k] * (1 - fx) + out[6, k] * fx
        out[0, k] = upper * (1 - fy) + lower * fy - gain * row[np.uintp(1 + k * stride)] - offset


@njit("void(float32[:, ::1], float32[:, ::1], float64[::1], int64, float64[::1])", cache=True, nogil=True)
def judge(before, now, state, stride, out):  # type: ignore[no-untyped-def]
    """Residuals under a state. out: median |residual|, mean |residual| (levels), share of points that stay in view."""
    height, width = before.shape
    bins = np.zeros(256 * BINS_PER_LEVEL + 1, np.int64)
    points = max(0, -(-(width - 2) // stride))
    room, at = np.empty((7, points)), np.empty(points, np.int32)
    residuals = room[0]
    count, seen, total = 0, 0, 0.0
    for y in range(1, height - 1, stride):
        _residuals(before, now, state, y, stride, room, at)
        seen += len(residuals)
        for residual in residuals:
            if not np.isnan(residual):
                bins[min(int(abs(residual) * BINS_PER_LEVEL), 256 * BINS_PER_LEVEL)] += 1
                total += abs(residual)
                count += 1
    if count == 0:
        out[0], out[1], out[2] = 255.0, 255.0, 0.0
        return
    below, level = 0, 0
    while below + bins[level] < (count + 1) // 2:
        below += bins[level]
        level += 1
    part = ((count + 1) // 2 - below) / max(1, bins[level])
    out[0], out[1], out[2] = (level + part) / BINS_PER_LEVEL, total / count, count / max(1, seen)


@njit(fastmath=ANY_ORDER)
def _product(one, other):  # type: ignore[no-untyped-def]
    total = 0.0
    for k in range(len(one)):
        total += one[k] * other[k]
    return total


@njit
def improve(before, now, state, stride, cutoff):  # type: ignore[no-untyped-def]
    """One Gauss–Newton step on the points of every `stride`th row and column; residuals beyond the cutoff don't count.

    How far it moved the picture's edge, px; −1 where the picture does not tell (flat, or too little left in view).
    """
    height, width = before.shape
    cx, cy = (width - 1) / 2, (height - 1) / 2
    unit = 1 / max(cx, cy, 1.0)
    matrix, right = np.zeros((6, 6)), np.zeros(6)
    points = max(0, -(-(width - 2) // stride))
    room, at = np.empty((7, points)), np.empty(points, np.int32)
    padded = -(-points // LANES) * LANES
    j, weights, weighted, residuals = np.ones((6, padded)), np.zeros(padded), np.empty(padded), np.zeros(padded)
    half_gain = (1 + state[4]) * 0.5
    count = 0
    for y in range(1, height - 1, stride):
        _residuals(before, now, state, y, stride, room, at)
        py = y - cy
        for k in range(points):
            share = room[0, k] / cutoff
            counts = (share < 1) & (share > -1)
            count += counts
            weights[k] = (1 - share * share) ** 2 if counts else 0.0
            residuals[k] = room[0, k] if counts else 0.0
        for k in range(points):
            x = 1 + k * stride
            px = x - cx
            gx = half_gain * (before[y, x + 1] - before[y, x - 1])
            gy = half_gain * (before[y + 1, x] - before[y - 1, x])
            j[0, k], j[1, k] = (gx * px + gy * py) * unit, (gy * px - gx * py) * unit
            j[2, k], j[3, k], j[4, k] = gx, gy, before[y, x] * 0.02
        for row in range(6):
            for k in range(padded):
                weighted[k] = weights[k] * j[row, k]
            right[row] += _product(weighted, residuals)
            for column in range(row + 1):
                matrix[row, column] += _product(weighted, j[column])
    if count < 24:
        return -1.0
    for row in range(6):
        matrix[row, row] += 0.02 * count if row < 4 else 0.001 * count
    if not solve(matrix, right):
        return -1.0
    scale = complex(1 + right[0] * unit, right[1] * unit)
    a = complex(state[0], state[1]) / scale
    t = complex(state[2], state[3]) - a * complex(right[2], right[3])
    state[0], state[1], state[2], state[3] = a.real, a.imag, t.real, t.imag
    state[4] += right[4] * 0.02
    state[5] += right[5]
    return np.abs(right[:4]).max()


@njit("boolean(float32[:, ::1], float32[:, ::1], float64[::1], int64, int64)", cache=True, nogil=True)
def refine(before, now, state, stride, steps):  # type: ignore[no-untyped-def]
    """At most so many steps, until one hardly moves anything.

    The cutoff follows the residuals: 4.7 standard deviations of the inliers, at least 3 levels.
    """
    measure = np.empty(3)
    for _ in range(steps):
        judge(before, now, state, 2 * stride, measure)
        if measure[2] < 0.3:
            return False
        moved = improve(before, now, state, stride, max(3.0, 4.7 * 1.48 * measure[0]))
        if moved < 0:
            return False
        if moved < SETTLED_PX:
            break
    return True
