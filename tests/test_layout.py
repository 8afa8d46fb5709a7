"""The shape of the code: imports go one way, heavy parts wait until they are used, files stay short, every input is known."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import pytest

import model
from model.distributions import LogT
from model.engine import DEFAULT_SUBJECT
from model.graph import cost_equations
from model.registry import Registry
from model.routes import FLOORED, PRICE_NODES, SCOPE_NODES, STAFF_NODES
from model.setting import resolve
from model.system import HOURS, System

PACKAGE = Path(model.__file__).parent
CHECKOUT = PACKAGE.parent
LONGEST = 400

# From the ground up: a module imports from layers below its own, or from its own. A package stands for all that it holds.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("model", "errors", "routes"),
    ("units", "wording", "distributions", "tables", "sampling", "tabular", "cost", "refusals", "numerical_error"),
    ("schema",),
    ("registry", "overrides", "reference_class", "copula", "graph", "integration"),
    ("setting", "estimate"),
    ("other_models",),
    ("system", "kept_laws"),
    ("engine", "fleets"),
    ("comparison", "posterior", "precision"),
    ("check",),
    ("auditor",),
    ("explain", "claims", "programme", "backtest", "route_scores"),
    ("document", "results", "cards", "views", "permalink", "charts"),
    ("sweep", "report", "export"),
    ("dashboard", "cli"),
)
RANK: Mapping[str, int] = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}

# What is evaluated on arrays knows nothing of files, units or claims.
PURE: Mapping[str, frozenset[str]] = {
    "cost": frozenset({"errors", "distributions", "cost"}),
    "distributions": frozenset({"errors"}),
    "sampling": frozenset({"errors", "distributions"}),
    "tables": frozenset({"distributions"}),
}
HEAVY = (
    *("pint", "scipy.stats", "scipy.interpolate", "pandas", "streamlit", "altair", "rich"),
    *("polars", "simpy", "scoringrules", "pyarrow", "duckdb", "distributed", "jinja2", "weasyprint"),
)


def sources() -> dict[str, Path]:
    """Every module of the package, by dotted name."""
    files = {".".join(path.relative_to(CHECKOUT).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}
    return {name.removesuffix(".__init__"): path for name, path in files.items()}


def imported(tree: ast.AST, known: Mapping[str, Path]) -> Iterator[str]:
    """Dotted names of all modules that a file imports, at its top or inside a function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in known else str(node.module) for name in whole)


def part(module: str) -> str:
    """The part of the package that a module belongs to: its second name; ``posterior_evidence`` belongs to ``posterior``."""
    name = module.split(".")[1] if "." in module else module
    return name if name in RANK else name.partition("_")[0]


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def own_imports() -> Iterator[tuple[str, str]]:
    """Pairs of importing and imported part. The package's own front door is left out: it names homes, and imports on use."""
    known = sources()
    for name, path in known.items():
        if name != "model":
            yield from ((part(name), part(other)) for other in imported(tree_of(path), known) if other.split(".")[0] == "model")


def test_every_module_has_a_place_in_the_layers() -> None:
    assert {part(name) for name in sources()} - RANK.keys() == set()


def test_imports_go_one_way() -> None:
    upwards = {f"{name} imports {other}" for name, other in own_imports() if RANK[other] > RANK[name]}
    assert upwards == set()


def test_benchmarks_and_the_makers_of_docs_import_what_there_is() -> None:
    """They run rarely, and with packages that tests do without."""
    outside = [*(CHECKOUT / "benchmarks").glob("*.py"), *(CHECKOUT / "docs").glob("*.py")]
    taken = [node for path in outside for node in ast.walk(tree_of(path)) if isinstance(node, ast.ImportFrom)]
    wanted = [(str(node.module), alias.name) for node in taken for alias in node.names if str(node.module).split(".")[0] == "model"]
    assert len(wanted) > 30
    known = sources()
    assert [f"{home}.{name}" for home, name in wanted if f"{home}.{name}" not in known and not hasattr(import_module(home), name)] == []


def test_equations_distributions_and_points_know_numpy_and_scipy_alone() -> None:
    foreign = set()
    known = sources()
    for name, path in known.items():
        if part(name) in PURE:
            for other in imported(tree_of(path), known):
                top = other.split(".")[0]
                pure = part(other) in PURE[part(name)] if top == "model" else top in {"numpy", "scipy", *sys.stdlib_module_names}
                if not pure:
                    foreign.add(f"{name} imports {other}")
    assert foreign == set()


def test_streamlit_is_imported_by_the_dashboard_alone() -> None:
    known = sources()
    users = {name for name, path in known.items() if any(other.split(".")[0] == "streamlit" for other in imported(tree_of(path), known))}
    assert {part(name) for name in users} == {"dashboard"}
    assert len((CHECKOUT / "app.py").read_text(encoding="utf-8").splitlines()) <= 10


@pytest.mark.parametrize(
    ("program", "allowed"),
    [
        ("import model", ()),
        ("from model.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass", ()),
        ("from model import audit\naudit('deepseek-v3-5.576m').sentence", ()),
        ("from model.cli.main import main\nmain(['audit', 'deepseek-v3-5.576m', '--json'])", ()),
        ("from model.cli.main import main\nmain(['audit', 'deepseek-v3-5.576m'])", ("rich",)),
    ],
    ids=["import", "help", "audit", "audit as JSON", "audit as a table"],
)
def test_heavy_parts_wait_until_they_are_used(program: str, allowed: tuple[str, ...]) -> None:
    code = f"{program}\nimport sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    assert set(found.stderr.split()) == set(allowed)


def test_importing_the_package_loads_nothing_at_all() -> None:
    code = "import sys\nbefore = set(sys.modules)\nimport model\nprint(*set(sys.modules) - before)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    loaded = set(found.stdout.split()) - {"model"}
    assert {name for name in loaded if name.split(".")[0] not in sys.stdlib_module_names} == set()


def test_every_public_name_of_the_package_is_there() -> None:
    assert {name for name in model.__all__ if not callable(getattr(model, name))} == set()
    with pytest.raises(AttributeError, match="nothing"):
        _ = model.nothing


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in sources().items()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_names_say_what_a_module_is_about() -> None:
    empty = {"utils", "util", "helpers", "helper", "manager", "data", "misc", "common"}
    assert {name for name in sources() if name.split(".")[-1] in empty} == set()


def test_public_functions_and_classes_say_what_they_are() -> None:
    silent = []
    for name, path in sources().items():
        tree = tree_of(path)
        public = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_")]
        silent += [f"{name}: {getattr(n, 'name', 'the file')}" for n in (tree, *public) if not ast.get_docstring(n)]
    assert silent == []


def test_every_argument_of_an_equation_is_an_equation_a_wire_or_a_parameter(registry: Registry) -> None:
    system = System(resolve("zheng", registry), registry, registry.subject(DEFAULT_SUBJECT))
    routed = {scope.alias for scope in SCOPE_NODES.values() if scope.alias}  # wired route by route
    unknown = {
        f"{name} needs {argument}"
        for name, equation in cost_equations().items()
        for argument in equation.arguments
        if argument not in routed | {HOURS} and system.graph.parts(argument) is None and system.distribution(argument) is None
    }
    assert unknown == set()


def test_every_node_that_the_wiring_names_exists(registry: Registry) -> None:
    system = System(resolve("zheng", registry), registry, registry.subject(DEFAULT_SUBJECT))
    named = {name for pair in PRICE_NODES.values() for name in pair} | set(STAFF_NODES.values()) | set(FLOORED)
    named |= {route.node for scope in SCOPE_NODES.values() for route in scope.routes} | set(SCOPE_NODES)
    assert {name for name in named if system.graph.parts(name) is None and system.distribution(name) is None} == set()


def test_the_variable_that_a_route_is_integrated_over_feeds_that_route(registry: Registry) -> None:
    system = System(resolve("zheng", registry), registry, registry.subject(DEFAULT_SUBJECT))
    idle = [
        f"{r.id}: {last}" for s in SCOPE_NODES.values() for r in s.routes for last in r.last if last not in system.graph.ancestors(r.node)
    ]
    assert idle == []
    assert isinstance(system.distribution("overhead_reference_class"), LogT)
