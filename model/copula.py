"""Gaussian copula: stated rank correlations between columns of normal scores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.distributions import Array
from model.errors import InputError
from model.schema.assumption import Pair


def score_correlation(rank: float) -> float:
    """Pearson correlation of the normal scores that has Spearman rank correlation ``rank``: 2 sin(pi rank / 6)."""
    return 2.0 * math.sin(math.pi * rank / 6.0)


def rank_correlation(first: Array, second: Array) -> float:
    """Spearman's rank correlation of two equally long samples without ties."""
    ranks = [np.argsort(np.argsort(sample.ravel())).astype(float) for sample in (first, second)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


@dataclass(frozen=True)
class Copula:
    """Correlated parameters in a fixed order, with the lower Cholesky factor of their normal-score correlations."""

    names: tuple[str, ...]
    factor: Array

    def correlate(self, name: str, scores: Sequence[Array]) -> Array:
        """Correlated scores of ``name`` from the independent scores of all ``names``."""
        row = self.factor[self.names.index(name)]
        return np.asarray(sum(weight * score for weight, score in zip(row, scores, strict=True) if weight))

    def conditional(self, name: str, correlated: Sequence[Array]) -> tuple[Array, float]:
        """Mean and standard deviation of the score of ``name``, given the correlated scores of the others."""
        matrix = self.factor @ self.factor.T
        own = self.names.index(name)
        others = [i for i in range(len(self.names)) if i != own]
        weights = np.linalg.solve(matrix[np.ix_(others, others)], matrix[others, own])
        mean = np.asarray(sum(w * correlated[i] for w, i in zip(weights, others, strict=True)))
        return mean, math.sqrt(1.0 - float(weights @ matrix[others, own]))


def copula_of(pairs: Sequence[Pair], order: Sequence[str]) -> Copula | None:
    """Copula of the stated pairs; parameters in ``order`` so that the sample does not depend on how pairs are listed.

    Raises
    ------
    InputError
        The correlations contradict each other: their matrix is not positive definite.
    """
    if not pairs:
        return None
    named = {name for pair in pairs for name in (pair.first, pair.second)}
    names = tuple(name for name in order if name in named)
    matrix = np.eye(len(names))
    for pair in pairs:
        i, j = names.index(pair.first), names.index(pair.second)
        matrix[i, j] = matrix[j, i] = score_correlation(pair.rank)
    smallest = float(np.linalg.eigvalsh(matrix)[0])
    if smallest <= 1e-10:
        raise InputError(
            "correlations",
            f"the matrix over {', '.join(names)} is not positive definite (smallest eigenvalue {smallest:.3g}).",
            "Bring the rank correlations nearer to 0.",
        )
    return Copula(names, np.asarray(np.linalg.cholesky(matrix), dtype=np.float64))
