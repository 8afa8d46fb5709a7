"""The wheel: holds code and data, and answers as the checkout does when the checkout is out of reach."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import model

CHECKOUT = Path(model.__file__).parents[1]
CLAIM = "deepseek-v3-5.576m"
SCRIPTS = "Scripts" if os.name == "nt" else "bin"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the checkout, built without a network."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(CHECKOUT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scripts of an environment with this wheel and, behind it, the libraries of the running environment.

    The libraries are reached by a path file. Path files that stand among them, such as that of an editable install, are not read
    again, so nothing leads back to the checkout.
    """
    home = tmp_path_factory.mktemp("bare")
    venv.EnvBuilder(with_pip=False).create(home)
    python = home / SCRIPTS / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=bare())
    assert done.returncode == 0, done.stderr
    own = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], capture_output=True, text=True, check=True
    )
    libraries = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    Path(own.stdout.strip(), "libraries.pth").write_text("\n".join(libraries) + "\n", encoding="utf-8")
    return home / SCRIPTS


def bare() -> dict[str, str]:
    """The environment without what would lead Python to the checkout."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}


def files(folder: Path, pattern: str) -> set[str]:
    found = {path.relative_to(CHECKOUT).as_posix() for path in folder.rglob(pattern)}
    return {name for name in found if "__pycache__" not in name}


def test_the_wheel_holds_the_code_and_all_data(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    code = files(CHECKOUT / "model", "*.*")
    data = {f"model/_{name}" for name in files(CHECKOUT / "assumptions", "*.toml")}
    texts = {f"model/_docs/{page}{ending}.md" for page in ("method", "limits") for ending in ("", ".fr")}
    assert (code | data | texts) - held == set()
    assert "model/joe_kuo_64.csv" in code
    assert len(data) > 20


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"model"}
    assert not [name for name in zipfile.ZipFile(wheel).namelist() if "__pycache__" in name]


def test_the_installed_command_answers_as_the_checkout_does(installed: Path, tmp_path: Path) -> None:
    code = "import model, sys; from model.registry import default_root; print(model.__file__, default_root(), *sys.path, sep='\\n')"
    found = subprocess.run([installed / "python", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, env=bare())
    package, root, *paths = map(Path, found.stdout.splitlines())
    assert package.is_relative_to(installed.parent)
    assert root.is_relative_to(installed.parent)
    assert CHECKOUT not in paths

    command = [installed / "costclaim", "audit", CLAIM, "--json"]
    away = subprocess.run(command, capture_output=True, check=False, cwd=tmp_path, env=bare())
    assert (away.returncode, away.stderr) == (0, b"")
    here = subprocess.run([sys.executable, "-m", "model.cli.main", *command[1:]], capture_output=True, check=True, cwd=CHECKOUT)
    assert json.loads(away.stdout)["claim"]["id"] == CLAIM
    assert away.stdout == here.stdout


def test_the_installed_command_checks_its_own_data(installed: Path, tmp_path: Path) -> None:
    found = subprocess.run([installed / "costclaim", "check", "--json"], capture_output=True, check=False, cwd=tmp_path, env=bare())
    assert (found.returncode, found.stderr) == (0, b"")
    assert json.loads(found.stdout)["problems"] == []
