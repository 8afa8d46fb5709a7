"""``costclaim dashboard``: starts the Streamlit app on this machine."""

from __future__ import annotations

import click

from model.errors import need


@click.command()
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535), help="Port on this machine.")
def dashboard(port: int) -> None:
    """Start the dashboard in the browser, on this machine only."""
    need("streamlit", "dashboard")
    from model.dashboard.serve import serve

    serve(port)
