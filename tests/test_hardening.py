"""The dashboard as a server: no request from another site, no upload beyond its bound, no file that it does not serve."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from model.dashboard.serve import SETTINGS

ROOT = Path(__file__).resolve().parents[1]
ELSEWHERE = "http://elsewhere.example"
PATHS = ("/../pyproject.toml", "/%2e%2e/pyproject.toml", "/..%2f..%2f..%2f..%2fetc%2fpasswd", "/static/../../../../../../etc/passwd")
PATHS += ("/app/static/pyproject.toml", "/app/static/..%2fpyproject.toml", "/media/..%2f..%2fpyproject.toml", "//etc/passwd")
PATHS += (
    "/component/x/..%2f..%2fpyproject.toml",
    "/_stcore/..%2f..%2fpyproject.toml",
    "/assumptions/scopes.toml",
    "/.streamlit/config.toml",
)

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def asked(port: int, method: str, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of a request whose path is sent as it stands."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        body = b"" if answer.status == 101 else answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body.decode(errors="replace")
    finally:
        connection.close()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A dashboard as the command starts it, from a folder without settings of its own."""
    number = free_port()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "STREAMLIT_SERVER_HEADLESS": "true"}
    command = [sys.executable, "-m", "model.cli.main", "dashboard", "--port", str(number)]
    with subprocess.Popen(command, cwd=tmp_path_factory.mktemp("away"), env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            _wait(number)
            yield number
        finally:
            server.terminate()


def _wait(port: int) -> None:
    for _ in range(240):
        try:
            if asked(port, "GET", "/_stcore/health")[0] == 200:
                return
        except OSError:
            time.sleep(0.25)
    pytest.fail("the dashboard did not start")


@pytest.mark.parametrize("path", PATHS)
def test_nothing_outside_what_is_served_can_be_read(port: int, path: str) -> None:
    _, _, body = asked(port, "GET", path)
    assert "root:" not in body
    assert "build-backend" not in body
    assert "[[scope]]" not in body
    assert "gatherUsageStats" not in body


def test_another_site_may_not_read_answers(port: int) -> None:
    for path in ("/", "/_stcore/health", "/_stcore/host-config"):
        assert asked(port, "GET", path, Origin=ELSEWHERE)[1].get("access-control-allow-origin") in (None, "null")


def test_another_site_may_not_open_a_session(port: int) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "AQIDBAUGBwgJCgsMDQ4PEA==",
    }
    assert asked(port, "GET", "/_stcore/stream", Origin=ELSEWHERE, **upgrade)[0] == 403
    assert asked(port, "GET", "/_stcore/stream", Origin=f"http://127.0.0.1:{port}", **upgrade)[0] == 101


def test_an_upload_without_the_page_is_refused(port: int) -> None:
    assert asked(port, "PUT", "/_stcore/upload_file/session/file", Origin=ELSEWHERE)[0] in (400, 403)


def test_uploads_are_bounded_and_protections_on_in_both_places() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    stated = {"server.enableCORS": "true", "server.enableXsrfProtection": "true", "server.enableStaticServing": "false"}
    stated |= {"server.maxUploadSize": "20", "server.address": "127.0.0.1", "client.showErrorDetails": "none"}
    for name, value in stated.items():
        section, key = name.split(".")
        assert SETTINGS[name] == value
        assert str(config[section][key]).lower() == value
