"""The law of a cost with one variable integrated out in closed form.

Given everything else, a cost is affine in the integrated variable X: cost = scale x X + offset, never below its floor. Its
distribution function is therefore the mean over the points of G((x - offset)/scale), G that of X. It is kept on a grid of ln cost,
one row per scramble. Where the offset is zero the law of ln cost is a convolution of the binned ln scale with ln X.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
from scipy import special

from model.distributions import Array, Distribution, Fixed
from model.sampling import SCRAMBLES
from model.tables import cdf

STEP = 1.0 / 512.0  # of ln cost
TAIL = 1e-11  # probability beyond which X's law is taken as 0 or 1
NODE_SCORES = np.concatenate([np.linspace(-4.2, -2.8, 8), np.linspace(-2.6, 2.6, 81), np.linspace(2.8, 4.2, 8)])
WIDEST_GAP = 0.08  # of ln cost between nodes, in the bulk
BULK = 3.2  # normal scores
TAIL_NODES = np.arange(1.0, 9.0) / 2.0  # beyond the sample, in units of ln cost per normal score
SMALLEST_SHARE = 1e-12
OFFSET_BINS = 1024
POINT_TOLERANCE = 1e-9
FEW_COSTS = 4  # at which a law is summed directly, for less than the whole grid takes


@dataclass(frozen=True)
class Kernel:
    """Scale, offset and floor of a cost on one block of points, each of shape (4, m) or ()."""

    scale: Array
    offset: Array
    floor: Array | None
    mean_score: Array | None = None
    score_sd: float = 1.0

    @property
    def is_scaling(self) -> bool:
        """Whether the cost is a plain multiple of X."""
        return self.floor is None and self.mean_score is None and not np.any(self.offset)

    @property
    def is_scalar(self) -> bool:
        """Whether scale and offset are the same at every point."""
        return self.floor is None and self.mean_score is None and self.scale.ndim == 0 and self.offset.ndim == 0


@dataclass(frozen=True)
class GridLaw:
    """Distribution function at ln cost = (start + k) STEP, shape (4, K): rows are scrambles."""

    start: int
    cdf: Array

    def nodes(self) -> Array:
        """Ln cost at the nodes of the grid; between them the law is linear."""
        return np.arange(self.start, self.start + self.cdf.shape[1]) * STEP

    def rows(self, log_cost: Array) -> Array:
        """Distribution function of each scramble, shape (4, n)."""
        last = self.cdf.shape[1] - 1
        position = log_cost / STEP - self.start
        node = np.clip(position.astype(np.intp), 0, last - 1)
        left = self.cdf[:, node]
        inside = left + (position - node) * (self.cdf[:, node + 1] - left)
        return np.where(position < 0.0, 0.0, np.where(position > last, 1.0, inside))

    @property
    def grid(self) -> GridLaw:
        return self

    @cached_property
    def mean_cdf(self) -> Array:
        """Distribution function of all scrambles together."""
        return np.asarray(self.cdf.mean(axis=0))


@dataclass(frozen=True)
class PointLaw:
    """A cost with nothing uncertain."""

    cost: float

    def rows(self, log_cost: Array) -> Array:
        at_most = log_cost >= np.log(self.cost) - POINT_TOLERANCE
        return np.broadcast_to(at_most.astype(float), (SCRAMBLES, log_cost.size))

    @property
    def grid(self) -> None:
        """A step stands on no grid."""

    def nodes(self) -> Array:
        """Ln cost just below and at the step."""
        return np.asarray(np.log(self.cost) - POINT_TOLERANCE * np.array([2.0, 1.0]))


@dataclass(frozen=True)
class ScaledLaw:
    """Law of scale x X, from ln scale binned at (start + k) STEP with ``counts`` of shape (4, K); ``mean_scale`` has shape (4,)."""

    start: int
    counts: Array
    integrated: Distribution
    mean_scale: Array | None = None

    @property
    def means(self) -> Array | None:
        """Expected cost of each scramble, where both means exist."""
        mean = self.integrated.mean
        return None if self.mean_scale is None or mean is None else self.mean_scale * mean

    def rows(self, log_cost: Array) -> Array:
        """Distribution function of each scramble, shape (4, n): one by one for a few costs, else from the whole grid."""
        if log_cost.size > FEW_COSTS:
            return self.grid.rows(log_cost)
        return np.stack([self._at(position) for position in log_cost.ravel() / STEP], axis=1)

    def _at(self, position: float) -> Array:
        """Mean over the points of X's distribution function, between the two nodes around ``position``."""
        first, below = _log_cdf(self.integrated)
        node = math.floor(position)
        steps = node - self.start - first - np.arange(self.counts.shape[1])
        lower, upper = (np.where(at < 0, 0.0, below.take(at, mode="clip")) for at in (steps, steps + 1))
        return np.asarray(self.counts @ (lower + (position - node) * (upper - lower)) / self.counts.sum(axis=1))

    @cached_property
    def grid(self) -> GridLaw:
        """The law on the grid of ln cost, by convolution."""
        first, below = _log_cdf(self.integrated)
        width = self.counts.shape[1] + below.size - 1
        length = 1 << (width - 1).bit_length()
        spectrum = np.fft.rfft(self.counts, length) * np.fft.rfft(np.diff(below, prepend=0.0), length)
        mass = np.fft.irfft(spectrum, length)[:, :width] / self.counts.sum(axis=1, keepdims=True)
        return GridLaw(self.start + first, np.clip(np.cumsum(mass, axis=1), 0.0, 1.0))


Law = GridLaw | PointLaw | ScaledLaw


@dataclass
class Histogram:
    """Binned ln scale by scramble; each value is shared linearly between its two nearest nodes. Grows as blocks come in."""

    start: int = 0
    counts: Array = field(default_factory=lambda: np.zeros((SCRAMBLES, 0)))

    def add(self, log_scale: Array, weights: Array | None = None) -> None:
        """Add a block of shape (4, m); each point counts once, or as ``weights`` of that shape say."""
        position = log_scale / STEP
        node = np.floor(position).astype(np.intp)
        self._grow(int(node.min()), int(node.max()) + 2)
        share = position - node
        width = self.counts.shape[1]
        node += (np.arange(SCRAMBLES) * width)[:, None] - self.start
        mass = None if weights is None else weights.ravel()
        moved = share.ravel() if mass is None else share.ravel() * mass
        every = np.bincount(node.ravel(), weights=mass, minlength=self.counts.size).reshape(self.counts.shape)
        right = np.bincount(node.ravel(), weights=moved, minlength=self.counts.size).reshape(self.counts.shape)
        self.counts += every - right
        self.counts[:, 1:] += right[:, :-1]

    def empty(self) -> Histogram:
        """Another one with nothing in it."""
        return Histogram()

    def merge(self, other: Histogram) -> None:
        """Add the counts of another one."""
        self._grow(other.start, other.start + other.counts.shape[1])
        first = other.start - self.start
        self.counts[:, first : first + other.counts.shape[1]] += other.counts

    def _grow(self, low: int, high: int) -> None:
        if not self.counts.shape[1]:
            self.start, self.counts = low, np.zeros((SCRAMBLES, high - low))
        before, after = max(0, self.start - low), max(0, high - self.start - self.counts.shape[1])
        if before or after:
            self.counts = np.pad(self.counts, ((0, 0), (before, after)))
            self.start -= before

    def law(self, integrated: Distribution, mean_scale: Array | None = None) -> ScaledLaw:
        """Law of scale x X."""
        return ScaledLaw(self.start, self.counts, integrated, mean_scale)


def positive_ends(integrated: Distribution) -> Array:
    """Ends of X's law. A normal law may hold less than one part in 10^9 at or below 0: its end stands as far above that."""
    below_zero = float(integrated.cdf(np.zeros(1))[0])
    return integrated.ppf(np.array([max(TAIL, 2.0 * below_zero), 1.0 - TAIL]))


@lru_cache(maxsize=64)
def _log_cdf(integrated: Distribution) -> tuple[int, Array]:
    """First grid index of ln X, and its distribution function from there on, up to 1."""
    low, high = np.log(positive_ends(integrated))
    first, last = int(np.floor(low / STEP)), int(np.ceil(high / STEP))
    below = integrated.cdf(np.exp(np.arange(first, last + 1) * STEP))
    below[-1] = 1.0
    below.setflags(write=False)
    return first, below


def scalar_law(kernel: Kernel, integrated: Distribution) -> Law:
    """Law of a cost that only X makes uncertain: G itself, on the grid."""
    if isinstance(integrated, Fixed):
        return PointLaw(float(kernel.scale * integrated.value + kernel.offset))
    ends = kernel.scale * positive_ends(integrated) + kernel.offset
    first, last = int(np.floor(np.log(ends[0]) / STEP)), int(np.ceil(np.log(ends[1]) / STEP))
    cost = np.exp(np.arange(first, last + 1) * STEP)
    below = integrated.cdf((cost - kernel.offset) / kernel.scale)
    return GridLaw(first, np.broadcast_to(below, (SCRAMBLES, below.size)))


@dataclass
class DirectSum:
    """Means of G((x - offset)/scale) at a few costs, summed over blocks; the nodes come from drawn costs."""

    nodes: Array
    total: Array
    points: Array | int = 0

    @classmethod
    def at_quantiles_of(cls, costs: Array) -> DirectSum:
        """Nodes at normal scores of a sample of costs, filled in where a heavy tail sets them far apart, and beyond both ends."""
        at = np.log(np.quantile(costs, np.concatenate([[0.0], special.ndtr(NODE_SCORES), [1.0]])))
        low, inner_low, inner_high, high = np.log(np.quantile(costs, special.ndtr([-BULK, 1.0 - BULK, BULK - 1.0, BULK])))
        if at[-1] - at[0] >= POINT_TOLERANCE:
            filled = np.linspace(low, high, 2 + int((high - low) / WIDEST_GAP))
            far = [x for x in filled if np.min(np.abs(at - x)) > 0.4 * WIDEST_GAP]
            at = np.concatenate([at, far, at[0] - (inner_low - low) * TAIL_NODES, at[-1] + (high - inner_high) * TAIL_NODES])
        nodes = np.exp(np.unique(at))
        return cls(nodes, np.zeros((SCRAMBLES, nodes.size)))

    def empty(self) -> DirectSum:
        """Another one at the same nodes with nothing in it."""
        return DirectSum(self.nodes, np.zeros_like(self.total))

    def merge(self, other: DirectSum) -> None:
        """Add the sums of another one."""
        self.total += other.total
        self.points += other.points

    def add_weighted(self, kernel: Kernel, integrated: Distribution, weights: Array) -> None:
        """Add one block whose points count as ``weights`` of shape (4, m) say."""
        self.points = self.points + weights.sum(axis=1, keepdims=True)
        for k, cost in enumerate(self.nodes):
            self.total[:, k] += (conditional_cdf(cost, kernel, integrated) * weights).sum(axis=1)

    def add(self, kernel: Kernel, integrated: Distribution, size: int) -> None:
        """Add one block of ``size`` points per scramble."""
        self.points += size
        if kernel.scale.ndim == 0 and kernel.offset.ndim and kernel.floor is None and kernel.mean_score is None:
            self._add_binned(kernel, integrated)
            return
        for k, cost in enumerate(self.nodes):
            below = conditional_cdf(cost, kernel, integrated)
            self.total[:, k] += np.broadcast_to(below, (SCRAMBLES, size)).sum(axis=1)

    def _add_binned(self, kernel: Kernel, integrated: Distribution) -> None:
        """The same where only the offset differs between points: it is binned, each value shared between its two nearest bins."""
        low, high = float(kernel.offset.min()), float(kernel.offset.max())
        step = (high - low) / (OFFSET_BINS - 2) or 1.0
        position = (kernel.offset - low) / step
        node = position.astype(np.intp)
        flat = (node + np.arange(SCRAMBLES)[:, None] * OFFSET_BINS).ravel()
        right = np.bincount(flat, weights=(position - node).ravel(), minlength=SCRAMBLES * OFFSET_BINS)
        counts = np.bincount(flat, minlength=SCRAMBLES * OFFSET_BINS) - right
        counts[1:] += right[:-1]
        offsets = np.asarray(low + step * np.arange(OFFSET_BINS), dtype=np.float64)
        below = np.stack([conditional_cdf(cost, Kernel(kernel.scale, offsets, None), integrated) for cost in self.nodes], axis=1)
        self.total += counts.reshape(SCRAMBLES, OFFSET_BINS) @ below

    def law(self) -> Law:
        """Spline through the nodes' normal scores, its slopes cut so that it never turns back (Hyman 1983), read onto the grid."""
        from scipy.interpolate import CubicHermiteSpline, CubicSpline

        logs = np.log(self.nodes)
        if logs[-1] - logs[0] < POINT_TOLERANCE:
            return PointLaw(float(self.nodes[0]))
        first, last = int(np.floor(logs[0] / STEP)), int(np.ceil(logs[-1] / STEP))
        grid = np.clip(np.arange(first, last + 1) * STEP, logs[0], logs[-1])
        scores = special.ndtri(np.clip(self.total / self.points, SMALLEST_SHARE, 1.0 - SMALLEST_SHARE))
        rise = np.diff(scores, axis=1) / np.diff(logs)
        steepest = 3.0 * np.minimum(rise[:, 1:], rise[:, :-1])
        slopes = np.clip(CubicSpline(logs, scores, axis=1)(logs, 1), 0.0, np.pad(steepest, ((0, 0), (1, 1))))
        return GridLaw(first, special.ndtr(CubicHermiteSpline(logs, scores, slopes, axis=1)(grid)))


def conditional_cdf(cost: float, kernel: Kernel, integrated: Distribution) -> Array:
    """Probability that the cost of each point is at most ``cost``."""
    rest = cost - kernel.offset
    moving = kernel.scale > 0.0
    if np.all(moving):
        below = cdf(rest / kernel.scale, integrated)
    else:  # where X does not enter, the cost is its offset
        below = np.where(moving, cdf(rest / np.where(moving, kernel.scale, 1.0), integrated), rest >= 0.0)
    if kernel.mean_score is not None:
        scores = special.ndtri(np.clip(below, 1e-300, 1.0 - 1e-16))
        below = special.ndtr((scores - kernel.mean_score) / kernel.score_sd)
    return below if kernel.floor is None else np.where(cost >= kernel.floor, below, 0.0)
