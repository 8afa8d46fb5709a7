"""``costclaim``: commands, and the one place where errors become messages and exit statuses."""

from __future__ import annotations

import importlib
import logging
import sys
from typing import Any

import click

from model import __version__
from model.cli.options import asked_language
from model.cli.time_limit import DEFAULT, UNLIMITED, seconds_of, time_limit
from model.errors import CostclaimError, UnknownNameError
from model.refusals import said, sentence
from model.wording import Language

# Command -> module that holds it, imported only when the command is used.
COMMANDS = {
    "audit": "model.cli.estimates",
    "run": "model.cli.estimates",
    "compare": "model.cli.estimates",
    "percentile": "model.cli.estimates",
    "gap": "model.cli.why",
    "sensitivity": "model.cli.why",
    "voi": "model.cli.why",
    "backtest": "model.cli.backtest",
    "export": "model.cli.export",
    "report": "model.cli.report",
    "claims": "model.cli.claims",
    "update": "model.cli.update",
    "fleets": "model.cli.update",
    "route-scores": "model.cli.update",
    "check-table": "model.cli.tables",
    "solve": "model.cli.believe",
    "believe": "model.cli.believe",
    "break-even": "model.cli.believe",
    "programme": "model.cli.programme",
    "reconcile": "model.cli.tables",
    "ratio": "model.cli.tables",
    "scopes": "model.cli.listings",
    "assumptions": "model.cli.listings",
    "sources": "model.cli.listings",
    "check": "model.cli.listings",
    "sweep": "model.cli.sweep",
    "query": "model.cli.sweep",
    "dashboard": "model.cli.dashboard",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: Any = getattr(importlib.import_module(COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise UnknownNameError("costclaim", "command", args[0], COMMANDS)
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, _: click.Parameter, wanted: Any) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from model.registry import load_registry

    click.echo(f"costclaim {__version__}, data {load_registry().sha256[:12]}")
    ctx.exit()


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Engine and data version.")
@click.option("-v", "--verbose", count=True, help="Log to standard error; twice for more.")
@click.option(
    "--time-limit",
    "limit",
    envvar="COSTCLAIM_TIME_LIMIT",
    metavar="SECONDS",
    help=f"Stop after so long; {DEFAULT:g} but for {' and '.join(UNLIMITED)}, 0 for no limit.",
)
@click.pass_context
def costclaim(ctx: click.Context, verbose: int, limit: str | None) -> None:
    """How plausible is a claim about what an AI model cost? Every number sourced, every answer a range.

    Shell completion: add  eval "$(_COSTCLAIM_COMPLETE=bash_source costclaim)"  to your shell's start file (zsh_source, fish_source).
    """
    level = {0: logging.WARNING, 1: logging.INFO}.get(verbose, logging.DEBUG)
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    usual, seconds = (0.0 if ctx.invoked_subcommand in UNLIMITED else DEFAULT), seconds_of(limit)
    ctx.with_resource(time_limit(usual if seconds is None else seconds))


def main(arguments: list[str] | None = None) -> None:
    """Run the command line. Exit status: 0 done, 1 a fault of the program, 2 wrong input, 3 no honest answer."""
    language = asked_language(sys.argv[1:] if arguments is None else arguments)
    try:
        costclaim.main(args=arguments, standalone_mode=False)
    except CostclaimError as error:
        click.echo(language.fill("Error: {message}", {"message": said(error, language)}), err=True)
        sys.exit(error.exit_status)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        _show(error, language)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _show(error: click.ClickException, language: Language) -> None:
    """Say what is wrong with a command; click itself says it in English, and has the usage of the command before it."""
    if language.code == "en" or not isinstance(error, click.UsageError) or error.ctx is None:
        error.show()
        return
    click.echo(error.ctx.get_usage(), err=True)
    click.echo(language.fill("For help: {command} -h", {"command": error.ctx.command_path}), err=True)
    click.echo(language.fill("Error: {message}", {"message": sentence(error.format_message(), language)}), err=True)


if __name__ == "__main__":
    main()
