"""Moves, turns and scales of points, and distances between outlines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

SNAP = 0.03
"""A turn that is so close to a quarter turn, in radians, is one."""


def similarity(first: Points, second: Points, *, mirrored: bool) -> Points:
    """Least-squares turn, scale and shift (after a mirror) that maps points onto points."""
    p = first[:, 0] + 1j * first[:, 1]
    q = second[:, 0] + 1j * second[:, 1]
    if mirrored:
        p = p.conj()
    p0, q0 = p - p.mean(), q - q.mean()
    power = float((abs(p0) ** 2).sum())
    turn = complex((q0 * p0.conj()).sum()) / power if power else 1.0 + 0j
    shift = complex(q.mean() - turn * p.mean())
    a, b = turn.real, turn.imag
    if mirrored:
        return np.array([[a, b, shift.real], [b, -a, shift.imag]])
    return np.array([[a, -b, shift.real], [b, a, shift.imag]])


def turn_of(first: Points, second: Points) -> Points:
    """The same for a closed outline that may begin at another point, or run the other way round."""
    p = np.fft.fft(first[:, 0] + 1j * first[:, 1])
    p[0] = 0.0  # Where they lie does not matter.
    best, start = 0.0, second
    for points in (second, second[::-1]):
        q = np.fft.fft(points[:, 0] + 1j * points[:, 1])
        likeness = np.abs(np.fft.ifft(q * p.conj()))
        if likeness.max() > best:
            best, start = float(likeness.max()), np.roll(points, -int(likeness.argmax()), axis=0)
    matrix = similarity(first, start, mirrored=False)
    angle, size = np.arctan2(matrix[1, 0], matrix[0, 0]), np.hypot(matrix[0, 0], matrix[1, 0])
    quarter = np.round(angle / (np.pi / 2)) * np.pi / 2
    if abs(angle - quarter) < SNAP:  # The points do not begin at quite the same place.
        a, b = size * np.cos(quarter), size * np.sin(quarter)
        matrix[:, :2] = [[a, -b], [b, a]]
        matrix[:, 2] = start.mean(axis=0) - matrix[:, :2] @ first.mean(axis=0)
    return matrix


def affine(first: Points, second: Points) -> Points:
    system = np.column_stack((first, np.ones(len(first))))
    solution, *_ = np.linalg.lstsq(system, second, rcond=None)
    return np.asarray(solution.T)


def moved_by(matrix: Points, points: Points) -> Points:
    """Points after a 2 x 3 transform."""
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])


def to_outline(points: Points, runs: list[Points], *, closed: bool) -> Points:
    """Distance of each point from the nearest segment of the runs."""
    starts, ends = [], []
    for run in runs:
        if len(run) < 2:
            continue
        starts.append(run[:-1])
        ends.append(run[1:])
        if closed and len(run) > 2:
            starts.append(run[-1:])
            ends.append(run[:1])
    if not starts:
        return np.full(len(points), np.inf)
    start, end = np.concatenate(starts), np.concatenate(ends)
    # Each axis by itself: a sum over an axis of two takes many times as long.
    (x, y), (across, down) = start.T.copy(), (end - start).T.copy()
    length = across**2 + down**2
    right, below = points[:, :1] - x, points[:, 1:] - y
    share = right * across + below * down
    share /= np.where(length > 0, length, 1.0)
    np.clip(share, 0.0, 1.0, out=share)
    right -= share * across
    below -= share * down
    return np.asarray(np.sqrt((right**2 + below**2).min(axis=1)))


def farthest(first: Points, second: Points) -> float:
    return float(np.abs(first - second).max())


def size_of(points: Points) -> float:
    return float((points.max(axis=0) - points.min(axis=0)).max())
