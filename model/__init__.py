"""costclaim: how plausible is a claim about what a model cost? Nothing heavy is imported until it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from model.auditor.audit import Verdict, audit
    from model.comparison import Comparison, compare
    from model.engine import Run, run
    from model.explain.believe import Belief, believe
    from model.explain.break_even import BreakEven, break_even
    from model.explain.gap import Gap, gap
    from model.explain.information import Information, voi
    from model.explain.sensitivity import Sensitivity, sensitivity
    from model.explain.solve import Solution, solve
    from model.explain.steelman import Case, steelman
    from model.posterior import update
    from model.registry import Registry, load_registry
    from model.setting import load_scenario

__version__ = "0.1.0"
__all__ = [
    "Belief",
    "BreakEven",
    "Case",
    "Comparison",
    "Gap",
    "Information",
    "Registry",
    "Run",
    "Sensitivity",
    "Solution",
    "Verdict",
    "audit",
    "believe",
    "break_even",
    "compare",
    "gap",
    "load_registry",
    "load_scenario",
    "run",
    "sensitivity",
    "solve",
    "steelman",
    "update",
    "voi",
]

HOMES = {
    "Verdict": "model.auditor.audit",
    "audit": "model.auditor.audit",
    "Comparison": "model.comparison",
    "compare": "model.comparison",
    "Run": "model.engine",
    "run": "model.engine",
    "Gap": "model.explain.gap",
    "gap": "model.explain.gap",
    "update": "model.posterior",
    "Information": "model.explain.information",
    "voi": "model.explain.information",
    "Sensitivity": "model.explain.sensitivity",
    "sensitivity": "model.explain.sensitivity",
    "Registry": "model.registry",
    "load_registry": "model.registry",
    "load_scenario": "model.setting",
    "Solution": "model.explain.solve",
    "solve": "model.explain.solve",
    "Belief": "model.explain.believe",
    "believe": "model.explain.believe",
    "BreakEven": "model.explain.break_even",
    "break_even": "model.explain.break_even",
    "Case": "model.explain.steelman",
    "steelman": "model.explain.steelman",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its home on first use."""
    if name not in HOMES:
        raise AttributeError(f"module 'model' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(HOMES[name]), name)
