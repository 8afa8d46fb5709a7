"""Links: what goes in comes out; what was altered, cut, crafted or typed by hand is refused and never becomes a default in silence."""

from __future__ import annotations

import base64
import json
import string
import zlib
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import InputError
from model.permalink import LARGEST_PAYLOAD, LONGEST, VERSION, Link, LinkError, _hash, decode, encode

LINK = Link(
    claim="deepseek-v3-5.576m",
    scenario="zheng",
    changes=(("price.rent", "2"), ("route.bottom_up", "0.5")),
    scope="project",
    engine="0.1.0",
    data="0123456789ab",
    shown=(4.012e6, 1.318e7, 6.1e7),
)
WORDS = st.text(max_size=20)
FIGURES = st.floats(allow_nan=False, allow_infinity=False)
LINKS = st.builds(
    Link,
    claim=WORDS,
    scenario=WORDS,
    changes=st.lists(st.tuples(WORDS, WORDS), max_size=6).map(tuple),
    scope=WORDS,
    engine=WORDS,
    data=WORDS,
    shown=st.lists(FIGURES, max_size=3).map(tuple),
)


def signed(content: object) -> str:
    """A link whose hash fits, whatever it holds."""
    return signed_bytes(zlib.compress(json.dumps(content).encode(), 9))


def signed_bytes(payload: bytes) -> str:
    packed = base64.urlsafe_b64encode(payload).decode().rstrip("=")
    return f"{VERSION}.{_hash(packed)}.{packed}"


@given(LINKS)
def test_a_link_restores_what_was_put_in(link: Link) -> None:
    text = encode(link)
    assert decode(text) == link
    assert set(text) <= set(string.ascii_letters + string.digits + "-_.")  # no address escapes any of it


def test_a_link_is_short_and_the_same_every_time() -> None:
    assert encode(LINK) == encode(replace(LINK))
    assert len(encode(LINK)) < 400


@given(st.data())
def test_one_altered_character_is_refused(data: st.DataObject) -> None:
    text = encode(LINK)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda letter: letter != text[place]))
    with pytest.raises(LinkError):
        decode(text[:place] + other + text[place + 1 :])


@given(st.integers(0, len(encode(LINK)) - 1))
def test_a_link_cut_short_is_refused(length: int) -> None:
    with pytest.raises(LinkError):
        decode(encode(LINK)[:length])


@given(st.text())
def test_any_text_gives_a_link_error_and_nothing_else(text: str) -> None:
    with pytest.raises(LinkError):
        decode(text)


@given(st.text())
def test_any_payload_with_a_fitting_hash_gives_a_link_error_and_nothing_else(packed: str) -> None:
    try:
        text = f"{VERSION}.{_hash(packed)}.{packed}"
    except UnicodeEncodeError:  # lone surrogates come in no address
        return
    with pytest.raises(LinkError):
        decode(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FIGURES | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@given(JSON, st.sampled_from([*asdict(LINK)]))
def test_a_crafted_state_is_refused_or_is_a_link(value: object, field: str) -> None:
    try:
        found = decode(signed(asdict(LINK) | {field: value}))
    except LinkError:
        return
    assert all(isinstance(word, str) for word in (found.claim, found.scenario, found.scope, found.engine, found.data))
    assert all(isinstance(text, str) for pair in found.changes for text in pair)
    assert all(isinstance(figure, float) for figure in found.shown)


@pytest.mark.parametrize("field", [*asdict(LINK)])
def test_a_state_without_one_of_its_fields_is_refused(field: str) -> None:
    content = asdict(LINK)
    del content[field]
    with pytest.raises(LinkError):
        decode(signed(content))


@pytest.mark.parametrize("payload", [b"", b"{}", zlib.compress(b""), zlib.compress(b"\xff\xfe"), zlib.compress(b"[" * 60_000)])
def test_a_payload_that_is_no_state_is_refused(payload: bytes) -> None:
    with pytest.raises(LinkError):
        decode(signed_bytes(payload))


def test_an_over_long_state_is_refused_with_a_way_out() -> None:
    changes = tuple((f"some.assumption.{k}", str(hash((k, "x")) / 7)) for k in range(300))
    with pytest.raises(InputError, match=rf"At most {LONGEST}: download the scenario"):
        encode(replace(LINK, changes=changes))


def test_an_over_long_link_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(LinkError):
        decode(signed_bytes(bytes(LONGEST)))


def test_a_bomb_is_refused() -> None:
    size = 10 * LARGEST_PAYLOAD
    content = asdict(LINK) | {"claim": "x" * size}
    bomb = signed(content)
    assert len(bomb) <= LONGEST
    with pytest.raises(LinkError, match="does not hold a state"):
        decode(bomb)


def test_a_link_of_another_format_says_so() -> None:
    with pytest.raises(LinkError, match=f'of format "2", this version reads {VERSION}'):
        decode("2" + encode(LINK)[1:])
