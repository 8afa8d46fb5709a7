"""What commands write: a file that is opened only once its content is there, so that a refused question leaves it as it was."""

from __future__ import annotations

from pathlib import Path

import click

from model.errors import InputError


def write(file: str, content: bytes) -> None:
    """Write a file; ``-`` is standard output.

    Raises
    ------
    InputError
        It cannot be written.
    """
    if file == "-":
        click.echo(content, nl=False)
        return
    try:
        Path(file).write_bytes(content)
    except OSError as error:
        raise InputError(file, f"cannot be written: {error.strerror}.", "Name a file that you may write to.") from None
