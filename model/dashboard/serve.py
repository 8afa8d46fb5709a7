"""Starts the app on this machine, for ``costclaim dashboard``."""

from __future__ import annotations

from pathlib import Path

from streamlit.web.cli import main as streamlit

import model.cli

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


def serve(port: int) -> None:
    """Serve the dashboard on a port of the loopback address until it is interrupted."""
    app = Path(model.cli.__file__).with_name("app.py")  # beside no folder called pages, which Streamlit would take for its own
    options = [word for name, value in {"server.port": str(port), **SETTINGS}.items() for word in (f"--{name}", value)]
    streamlit(["run", str(app), *options], prog_name="streamlit")
