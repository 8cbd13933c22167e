"""Loops that fit a similarity between two small pictures.

Inverse compositional Gauss–Newton (Baker and Matthews, "Lucas–Kanade 20 years on", 2004) with Tukey's weights and a
gain and offset of brightness. Coordinates are pixels from the centre of the picture; a point p (complex, x + iy) of
the picture before lies at a·p + t in this one. `state` is float64[6]: Re a, Im a, Re t, Im t, gain − 1, offset.
"""

import numpy as np
from numba import njit

BINS_PER_LEVEL = 4


@njit("void(float32[:, ::1], float32[:, ::1])", cache=True, nogil=True)
def halve(picture, out):  # type: ignore[no-untyped-def]
    """out[r, c] = mean of the 2 × 2 block; an odd last row or column is left out."""
    rows, columns = out.shape
    for row in range(rows):
        for column in range(columns):
            y, x = 2 * row, 2 * column
            total = picture[y, x] + picture[y, x + 1] + picture[y + 1, x] + picture[y + 1, x + 1]
            out[row, column] = total * np.float32(0.25)


@njit("float64(float32[:, ::1], float32[:, ::1], int64, int64)", cache=True, nogil=True)
def shifted_difference(before, now, dx, dy):  # type: ignore[no-untyped-def]
    """Mean absolute difference between `now` and `before` moved by (dx, dy) px, their means made equal."""
    height, width = before.shape
    top, bottom = max(0, dy), min(height, height + dy)
    left, right = max(0, dx), min(width, width + dx)
    count = (bottom - top) * (right - left)
    mean = np.float32(0)
    for y in range(top, bottom):
        for x in range(left, right):
            mean += now[y, x] - before[y - dy, x - dx]
    mean /= count
    total = np.float32(0)
    for y in range(top, bottom):
        for x in range(left, right):
            total += abs(now[y, x] - before[y - dy, x - dx] - mean)
    return total / count


@njit("void(float32[:, ::1], float32[:, ::1], int64, int64, float64[::1])", cache=True, nogil=True)
def search_shift(before, now, reach_x, reach_y, state):  # type: ignore[no-untyped-def]
    """Put the shift with the smallest difference, no farther than the reach (px), into the state; favours no shift."""
    best, best_x, best_y = shifted_difference(before, now, 0, 0) * 0.97, 0, 0
    for dy in range(-reach_y, reach_y + 1):
        for dx in range(-reach_x, reach_x + 1):
            cost = shifted_difference(before, now, dx, dy)
            if cost < best:
                best, best_x, best_y = cost, dx, dy
    state[0], state[1], state[2], state[3], state[4], state[5] = 1.0, 0.0, best_x, best_y, 0.0, 0.0


@njit("boolean(float64[:, ::1], float64[::1])", cache=True, nogil=True)
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


@njit("void(float32[:, ::1], float32[:, ::1], float64[::1], int64, float64[::1])", cache=True, nogil=True)
def judge(before, now, state, stride, out):  # type: ignore[no-untyped-def]
    """Residuals under a state. out: median |residual|, mean |residual| (levels), share of points that stay in view."""
    height, width = before.shape
    cx, cy = (width - 1) / 2, (height - 1) / 2
    bins = np.zeros(256 * BINS_PER_LEVEL + 1, np.int64)
    count, seen, total = 0, 0, 0.0
    gain = 1 + state[4]
    for y in range(1, height - 1, stride):
        for x in range(1, width - 1, stride):
            seen += 1
            px, py = x - cx, y - cy
            wx = state[0] * px - state[1] * py + state[2] + cx
            wy = state[1] * px + state[0] * py + state[3] + cy
            if wx < 0 or wy < 0 or wx >= width - 1 or wy >= height - 1:
                continue
            ix, iy = int(wx), int(wy)
            fx, fy = wx - ix, wy - iy
            upper = now[iy, ix] * (1 - fx) + now[iy, ix + 1] * fx
            lower = now[iy + 1, ix] * (1 - fx) + now[iy + 1, ix + 1] * fx
            residual = abs(upper * (1 - fy) + lower * fy - gain * before[y, x] - state[5])
            bins[min(int(residual * BINS_PER_LEVEL), 256 * BINS_PER_LEVEL)] += 1
            total += residual
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


@njit("boolean(float32[:, ::1], float32[:, ::1], float64[::1], int64, float64)", cache=True, nogil=True)
def improve(before, now, state, stride, cutoff):  # type: ignore[no-untyped-def]
    """One Gauss–Newton step on the points of every `stride`th row and column; residuals beyond the cutoff don't count.

    False where the picture does not tell (flat, or too little of it left in view).
    """
    height, width = before.shape
    cx, cy = (width - 1) / 2, (height - 1) / 2
    unit = 1 / max(cx, cy, 1.0)
    matrix, right = np.zeros((6, 6)), np.zeros(6)
    j = np.empty(6)
    gain = 1 + state[4]
    count = 0
    for y in range(1, height - 1, stride):
        for x in range(1, width - 1, stride):
            px, py = x - cx, y - cy
            wx = state[0] * px - state[1] * py + state[2] + cx
            wy = state[1] * px + state[0] * py + state[3] + cy
            if wx < 0 or wy < 0 or wx >= width - 1 or wy >= height - 1:
                continue
            ix, iy = int(wx), int(wy)
            fx, fy = wx - ix, wy - iy
            upper = now[iy, ix] * (1 - fx) + now[iy, ix + 1] * fx
            lower = now[iy + 1, ix] * (1 - fx) + now[iy + 1, ix + 1] * fx
            residual = upper * (1 - fy) + lower * fy - gain * before[y, x] - state[5]
            share = residual / cutoff
            if share >= 1 or share <= -1:
                continue
            weight = (1 - share * share) ** 2
            gx = gain * 0.5 * (before[y, x + 1] - before[y, x - 1])
            gy = gain * 0.5 * (before[y + 1, x] - before[y - 1, x])
            j[0], j[1] = (gx * px + gy * py) * unit, (gy * px - gx * py) * unit
            j[2], j[3], j[4], j[5] = gx, gy, before[y, x] * 0.02, 1.0
            for row in range(6):
                weighted = weight * j[row]
                right[row] += weighted * residual
                for column in range(row + 1):
                    matrix[row, column] += weighted * j[column]
            count += 1
    if count < 24:
        return False
    for row in range(6):
        matrix[row, row] += 0.02 * count if row < 4 else 0.001 * count
    if not solve(matrix, right):
        return False
    scale = complex(1 + right[0] * unit, right[1] * unit)
    a = complex(state[0], state[1]) / scale
    t = complex(state[2], state[3]) - a * complex(right[2], right[3])
    state[0], state[1], state[2], state[3] = a.real, a.imag, t.real, t.imag
    state[4] += right[4] * 0.02
    state[5] += right[5]
    return True


@njit("boolean(float32[:, ::1], float32[:, ::1], float64[::1], int64, int64)", cache=True, nogil=True)
def refine(before, now, state, stride, steps):  # type: ignore[no-untyped-def]
    """Several steps; the cutoff follows the residuals (4.7 standard deviations of the inliers, at least 3 levels)."""
    measure = np.empty(3)
    for _ in range(steps):
        judge(before, now, state, 2 * stride, measure)
        if measure[2] < 0.3:
            return False
        if not improve(before, now, state, stride, max(3.0, 4.7 * 1.48 * measure[0])):
            return False
    return True
