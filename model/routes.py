"""How each scope is reached: its node in the cost graph, its routes, and which variable is integrated out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """A way to a ratio or to hours. ``last`` are the nodes it is affine in, the one to integrate first in front."""

    id: str
    node: str
    last: tuple[str, ...]


@dataclass(frozen=True)
class ScopeNode:
    """A scope in the cost graph. ``alias`` is the node that its routes stand in for."""

    id: str
    alias: str | None
    routes: tuple[Route, ...]
    last: tuple[str, ...] = ()


RATIO_ROUTES = (
    Route("bottom_up", "ratio_bottom_up", ("derisk", "data_work", "post_training_dev", "evaluation", "ablations_undisclosed")),
    Route("reference_class", "overhead_reference_class", ("overhead_reference_class",)),
    Route("cluster_window", "ratio_cluster_window", ("window_share", "window_use")),
    Route("stated", "overhead_stated", ("overhead_stated",)),
    Route("simulated", "overhead_simulated", ("overhead_simulated",)),
)
LAB_ROUTES = (
    Route("reference_class", "lab_hours_reference_class", ("overhead_lab_reference_class",)),
    Route("fleet", "lab_hours_fleet", ("fleet_share", "fleet_use")),
)
SCOPE_NODES: Mapping[str, ScopeNode] = {
    node.id: node
    for node in (
        ScopeNode("final_run", None, (), ("goodput", "stated_hours")),
        ScopeNode("run_as_executed", None, (), ("elapsed_ratio", "stated_hours")),
        ScopeNode("project", "route_ratio", RATIO_ROUTES),
        ScopeNode("programme", "route_ratio", RATIO_ROUTES),
        ScopeNode("programme_with_staff", "route_ratio", RATIO_ROUTES),
        ScopeNode("lab_window", "lab_hours", LAB_ROUTES),
        ScopeNode("fleet_capex", None, (), ("ownership_server_price",)),
    )
}

# Price basis -> node of the price, and the variable of it that enters linearly.
PRICE_NODES: Mapping[str, tuple[str, str]] = {
    "claimed": ("price_claimed", "price_claimed"),
    "rental": ("price_rental", "price_rental"),
    "ownership": ("busy_hour", "ownership_server_price"),
    "marginal": ("marginal_hour", "ownership_ops"),
    "epoch_amortised": ("epoch_hour", "epoch_purchase_price"),
}
STAFF_NODES: Mapping[str, str] = {"ratio": "staff_by_ratio", "headcount": "staff_by_headcount"}

# Counts of the fleet that somebody claims, and the chip of each.
CLAIMED: Mapping[str, str] = {f"claimed_{chip.lower()}": chip for chip in ("H800", "H100", "H20", "A100")}
DISCLOSED_FLEET = "window.gpus"  # the fleet that the claimed ones are alternatives to

# Nodes that are held at least at the run as executed, and what they are without that floor.
FLOORED: Mapping[str, str] = {"research_ratio": "route_ratio", "lab_ratio": "overhead_lab_reference_class"}
FLOOR = "elapsed_ratio"


def shares(weights: Mapping[str, float], routes: Sequence[Route]) -> dict[str, float]:
    """Weights of the routes that have any, scaled to sum to 1."""
    given = {route.id: weights.get(f"route.{route.id}", 0.0) for route in routes}
    total = sum(given.values())
    return {name: weight / total for name, weight in given.items() if weight > 0.0} if total else {}
