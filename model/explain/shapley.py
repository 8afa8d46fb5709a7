"""Shapley values: each part's mean contribution over all orders in which parts can be put in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import comb

import numpy as np

from model.distributions import Array

Coalition = frozenset[str]


def coalitions(players: Sequence[str]) -> Iterator[Coalition]:
    """Every set of players, the empty one first."""
    return (frozenset(chosen) for size in range(len(players) + 1) for chosen in combinations(players, size))


def shapley_values(players: Sequence[str], value: Mapping[Coalition, Array]) -> dict[str, Array]:
    """Shapley value of each player; they sum to the value of all less that of none (Shapley 1953).

    ``value`` holds arrays of one shape, so that many games are solved at once.
    """
    found = {}
    for player in players:
        others = [name for name in players if name != player]
        gains = ((value[s | {player}] - value[s]) / comb(len(others), len(s)) for s in coalitions(others))
        found[player] = np.asarray(sum(gains) / len(players))
    return found
