"""Links that carry a state: one compressed parameter with versions and a hash, so that nothing becomes a default in silence.

Form: ``1.<hash>.<payload>``: format version, ten hexadecimal digits of SHA-256 over the payload, and the payload as base64url of
zlib-compressed JSON. It holds the difference from a named scenario and the figures that the sender saw.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import shlex
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from model import __version__
from model.engine import Run
from model.errors import InputError
from model.numerical_error import Estimated, supported_digits

VERSION = "1"
HASH_DIGITS = 10
LONGEST = 2000  # characters of the parameter
DATA_DIGITS = 12  # of the data version
LARGEST_PAYLOAD = 64_000  # bytes after decompression: a crafted link must not fill the memory


class LinkError(InputError):
    """A link that cannot be read as it was made."""

    def __init__(self, found: str) -> None:
        super().__init__("link", found, "Ask the sender for it again; the page shows its defaults instead.")


@dataclass(frozen=True)
class Link:
    """What a link restores: claim, scenario, changes, the scope in view, who made it, and what it showed (P5, P50, P95 in USD)."""

    claim: str
    scenario: str
    changes: tuple[tuple[str, str], ...]
    scope: str
    engine: str
    data: str
    shown: tuple[float, ...]


def link_to(run: Run, claim: str, scenario: str, changes: tuple[tuple[str, str], ...], scope: str) -> Link:
    """The link to a state, with the figures of the scope in view."""
    estimate = run.scope(scope)
    shown = tuple(map(_rounded, estimate.figures([0.05, 0.5, 0.95], []).costs)) if estimate.routes else ()
    return Link(claim, scenario, changes, scope, __version__, run.registry.sha256[:DATA_DIGITS], shown)


def _rounded(cost: Estimated) -> float:
    """A figure with the digits that its error supports, at most four."""
    return float(f"{cost:.{supported_digits(cost, cost.error, 4)}g}")


def shell_command(claim: str, scenario: str, changes: Sequence[str]) -> str:
    """A command that prints the figures of a state; ``changes`` are written ``ID=VALUE``."""
    sets = "".join(f" --set {shlex.quote(change)}" for change in changes)
    return f"costclaim audit {shlex.quote(claim)} --scenario {shlex.quote(scenario)}{sets} --json"


def encode(link: Link) -> str:
    """The parameter of a link.

    Raises
    ------
    InputError
        The changes are too many for a link; a scenario file holds any number.
    """
    payload = json.dumps(asdict(link), separators=(",", ":"), ensure_ascii=False).encode()
    packed = base64.urlsafe_b64encode(zlib.compress(payload, 9)).decode().rstrip("=")
    text = f"{VERSION}.{_hash(packed)}.{packed}"
    if len(text) > LONGEST:
        raise InputError("link", f"would be {len(text)} characters long.", f"At most {LONGEST}: download the scenario as a file instead.")
    return text


def decode(text: str) -> Link:
    """The state that a link carries.

    Raises
    ------
    LinkError
        The link was cut or altered, is of another format, or holds something else.
    """
    version, _, rest = text.partition(".")
    given, _, packed = rest.partition(".")
    if version != VERSION:
        raise LinkError(f'is of format "{version[:8]}", this version reads {VERSION}.')
    if len(text) > LONGEST or given != _hash(packed):
        raise LinkError("was altered or cut: its hash does not fit.")
    try:
        unpacker = zlib.decompressobj()
        payload = unpacker.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), LARGEST_PAYLOAD)
        return _link(json.loads(payload))
    except (binascii.Error, zlib.error, ValueError, KeyError, TypeError, RecursionError):
        raise LinkError("does not hold a state.") from None


def _link(content: dict[str, object]) -> Link:
    words = {key: content[key] for key in ("claim", "scenario", "scope", "engine", "data")}
    changes, shown = content["changes"], content["shown"]
    if not all(isinstance(word, str) for word in words.values()) or not isinstance(changes, list) or not isinstance(shown, list):
        raise TypeError
    pairs = tuple((str(name), str(value)) for name, value in changes)
    return Link(changes=pairs, shown=tuple(float(figure) for figure in shown), **{k: str(v) for k, v in words.items()})


def _hash(packed: str) -> str:
    return hashlib.sha256(packed.encode()).hexdigest()[:HASH_DIGITS]
