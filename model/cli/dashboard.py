"""``costclaim dashboard``: starts the Streamlit app on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from model.errors import need

# As in .streamlit/config.toml, which an installed package does not carry.
SETTINGS = {
    "server.address": "127.0.0.1",
    "server.maxUploadSize": "20",
    "server.enableCORS": "true",
    "server.enableXsrfProtection": "true",
    "server.enableStaticServing": "false",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "theme.light.primaryColor": "#0B5394",
    "theme.light.textColor": "#14161A",
    "theme.dark.primaryColor": "#6CB4F5",
    "theme.dark.textColor": "#FAFAFA",
}


@click.command()
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65535), help="Port on this machine.")
def dashboard(port: int) -> None:
    """Start the dashboard in the browser, on this machine only."""
    need("streamlit", "dashboard")
    from streamlit.web.cli import main as streamlit

    app = Path(__file__).with_name("app.py")  # beside no folder called pages, which Streamlit would take for its own
    options = [word for name, value in {"server.port": str(port), **SETTINGS}.items() for word in (f"--{name}", value)]
    streamlit(["run", str(app), *options], prog_name="streamlit")
