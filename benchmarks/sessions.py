"""Visitors of the dashboard without a browser: they speak the protocol of its web socket, move a slider and wait for the answer."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

GOOD = (ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY, ForwardMsg.ScriptFinishedStatus.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
STEPS = 97  # places of a slider that visitors go through, each from a place of its own, so that answers are seldom in store
PATIENCE = 60.0  # seconds


@dataclass
class Visit:
    """What one visitor met: seconds from each move to the end of its answer, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass
class Seen:
    """What an answer brought: the sliders, the fragment that they stand in, the headline."""

    sliders: list[Slider] = field(default_factory=list)
    fragment: str = ""
    headline: str = ""
    faults: list[str] = field(default_factory=list)


async def answer(socket: ClientConnection) -> Seen:
    """All that the server sends until its script has ended."""
    seen = Seen()
    while True:
        message = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(decode=False), PATIENCE))
        kind = message.WhichOneof("type")
        if kind == "script_finished":
            if message.script_finished not in GOOD:
                seen.faults.append(ForwardMsg.ScriptFinishedStatus.Name(message.script_finished))
            return seen
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            if element.WhichOneof("type") == "slider":
                seen.sliders.append(element.slider)
                seen.fragment = message.delta.fragment_id
            elif element.WhichOneof("type") == "heading" and element.heading.tag == "h3":
                seen.headline = element.heading.body
            elif element.WhichOneof("type") == "exception":
                seen.faults.append(element.exception.message)


async def visit(port: int, number: int, until: float, pause: float) -> Visit:
    """One visitor of the Explore page, who moves its first slider every ``pause`` seconds."""
    found = Visit()
    try:
        async with connect(f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=[Subprotocol("streamlit")], max_size=None) as socket:
            hello = BackMsg()
            hello.rerun_script.page_name = "explore"
            await socket.send(hello.SerializeToString())
            seen = await answer(socket)
            found.faults += seen.faults
            slider, fragment = seen.sliders[0], seen.fragment
            await asyncio.sleep(pause * (number % 10) / 10)
            step = 0
            while time.monotonic() < until:
                begun = time.monotonic()
                share = ((37 * number + 11 * step) % STEPS + 0.01 * number) / STEPS
                move = BackMsg()
                move.rerun_script.page_name = "explore"
                move.rerun_script.fragment_id = fragment
                state = move.rerun_script.widget_states.widgets.add()
                state.id = slider.id
                state.double_array_value.data.append(slider.min + share * (slider.max - slider.min) * 0.99)
                await socket.send(move.SerializeToString())
                before, seen = seen.headline, await answer(socket)
                found.seconds.append(time.monotonic() - begun)
                found.faults += seen.faults or ([] if seen.headline != before else ["the headline did not change"])
                step += 1
                await asyncio.sleep(max(0.0, pause - (time.monotonic() - begun)))
    except (OSError, TimeoutError, IndexError, EOFError) as error:
        found.faults.append(repr(error))
    return found


def crowd(port: int, visitors: int, duration: float, pause: float = 2.0) -> list[Visit]:
    """That many visitors at once, for that many seconds."""

    async def together() -> list[Visit]:
        until = time.monotonic() + duration
        return await asyncio.gather(*(visit(port, number, until, pause) for number in range(visitors)))

    return asyncio.run(together())


def resident_mib(process: int) -> float:
    """Memory of a process, in MiB."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def processor_seconds(process: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100.0
