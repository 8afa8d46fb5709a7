"""A run as a folder: manifest (what it was computed with) and summary (what came out)."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

from model.engine import Run
from model.errors import InputError

MANIFEST, SUMMARY = "manifest.json", "summary.json"


def write_run(run: Run, document: dict[str, Any], folder: Path) -> None:
    """Write a run folder.

    Raises
    ------
    InputError
        The folder already holds something, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InputError(str(folder), "already holds files.", "Name a new folder.")
        manifest = {key: document[key] for key in document if key not in ("scopes", "side")}
        manifest["platform"] = {"python": platform.python_version(), "system": platform.system(), "machine": platform.machine()}
        manifest["distributions"] = {name: repr(value) for name, value in run.setting.distributions.items()}
        for name, content in ((MANIFEST, manifest), (SUMMARY, document)):
            (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(str(folder), f"cannot be written: {error.strerror}.", "Name a folder that you may write to.") from None
