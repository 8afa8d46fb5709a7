"""The registry holds every entry of every file, names faults by place, and has a version that any platform agrees on."""

from __future__ import annotations

import hashlib
import os
import shutil
import tomllib
from pathlib import Path

import pytest

from model.errors import CheckFailed, InputError, UnknownNameError
from model.registry import FOLDERS, KINDS, Registry, default_root, load_registry

FILES = sorted(default_root().rglob("*.toml"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the assumptions to change."""
    return Path(shutil.copytree(default_root(), tmp_path / "assumptions"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_entry_of_the_files_is_read(kind: str, registry: Registry) -> None:
    tables = [tomllib.loads(path.read_text(encoding="utf-8")) for path in FILES if path.parent.name not in FOLDERS]
    written = [item for table in tables for item in table.get(kind, [])]
    assert len(registry.located(kind)) == len(written)
    assert {item.get("id", item.get("scope")) for item in written} == set(registry.names(kind))


@pytest.mark.parametrize("folder_name", FOLDERS)
def test_every_file_of_a_folder_is_one_entry_named_by_its_id(folder_name: str, registry: Registry) -> None:
    stems = {path.name.removesuffix(".toml") for path in FILES if path.parent.name == folder_name}
    assert set(registry.located(folder_name)) == stems
    assert {registry.entry(folder_name, stem).id for stem in stems} == stems


def test_every_header_of_a_table_is_a_known_kind(registry: Registry) -> None:
    keys = {key for path in FILES if path.parent.name not in FOLDERS for key in tomllib.loads(path.read_text(encoding="utf-8"))}
    assert keys <= set(KINDS)
    assert sum(len(registry.located(kind)) for kind in KINDS) == sum(
        len(items)
        for path in FILES
        if path.parent.name not in FOLDERS
        for items in tomllib.loads(path.read_text(encoding="utf-8")).values()
    )


def test_each_entry_is_located_in_the_file_that_writes_it(registry: Registry) -> None:
    for kind in KINDS:
        for name, item in registry.located(kind).items():
            assert f'"{name}"' in (registry.root / item.file).read_text(encoding="utf-8")


def test_the_data_version_is_the_hash_of_sorted_names_and_contents(registry: Registry) -> None:
    digest = hashlib.sha256()
    for name in sorted(path.relative_to(registry.root).as_posix() for path in FILES):
        text = (registry.root / name).read_bytes().replace(b"\r\n", b"\n")
        digest.update(name.encode() + b"\0" + text + b"\0")
    assert registry.sha256 == digest.hexdigest()


def test_the_data_version_does_not_depend_on_line_ends(folder: Path, registry: Registry) -> None:
    for path in folder.rglob("*.toml"):
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    changed = load_registry(folder)
    assert changed.sha256 == registry.sha256
    assert changed.parameters == registry.parameters


def test_the_data_version_does_not_depend_on_where_the_folder_is(folder: Path, registry: Registry) -> None:
    assert load_registry(folder).sha256 == registry.sha256


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("parameters/price.toml", "value = 2.0", "value = 2.1"),
        ("claims/zheng-5.6m.toml", "5600000.0", "5600001.0"),
        ("scenarios/lambert.toml", '"2..4"', '"2..5"'),
        ("sources/deepseek.toml", "2024-12-26", "2024-12-27"),
    ],
)
def test_the_data_version_changes_with_any_figure(file: str, old: str, new: str, folder: Path, registry: Registry) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert load_registry(folder).sha256 != registry.sha256


def test_the_data_version_changes_when_a_file_is_renamed(folder: Path, registry: Registry) -> None:
    (folder / "cases.toml").rename(folder / "case_table.toml")
    changed = load_registry(folder)
    assert changed.sha256 != registry.sha256
    assert changed.cases == registry.cases


def test_a_file_of_another_kind_is_no_part_of_the_data(folder: Path, registry: Registry) -> None:
    (folder / "notes.txt").write_text("a note", encoding="utf-8")
    assert load_registry(folder).sha256 == registry.sha256


def test_an_unknown_kind_offers_the_nearest_known(folder: Path) -> None:
    (folder / "more.toml").write_text('[[paramter]]\nid = "x"\n', encoding="utf-8")
    with pytest.raises(CheckFailed, match=r'more\.toml: key "paramter" is not known here\. Did you mean "parameter"\?'):
        _ = load_registry(folder).parameters


def test_a_table_that_should_be_a_list_is_refused(folder: Path) -> None:
    (folder / "more.toml").write_text('[parameter]\nid = "x"\n', encoding="utf-8")
    with pytest.raises(CheckFailed, match=r"more\.toml: key \"parameter\""):
        _ = load_registry(folder).parameters


def test_an_entry_without_an_id_is_named_by_its_number(folder: Path) -> None:
    (folder / "more.toml").write_text('[[weight]]\nlabel = "x"\ndefault = 1.0\nrationale = "y"\n', encoding="utf-8")
    with pytest.raises(CheckFailed, match=r"more\.toml: weight number 1: id: is missing\."):
        _ = load_registry(folder).weights


@pytest.mark.parametrize("written", ["[1, 2]", "7", '"Two Words"', "{ a = 1 }"])
def test_an_id_that_is_no_identifier_is_refused(written: str, folder: Path) -> None:
    (folder / "more.toml").write_text(f'[[weight]]\nid = {written}\nlabel = "x"\ndefault = 1.0\nrationale = "y"\n', encoding="utf-8")
    with pytest.raises(CheckFailed, match=r"more\.toml: weight .*: id: found"):
        _ = load_registry(folder).weights


def test_bad_toml_is_named_by_line(folder: Path) -> None:
    (folder / "more.toml").write_text('[[weight]]\nid = "x"\nlabel = \n', encoding="utf-8")
    with pytest.raises(CheckFailed, match=r"more\.toml: is not valid TOML: .*line 3"):
        _ = load_registry(folder).weights


def test_bad_toml_in_a_claim_harms_that_claim_alone(folder: Path) -> None:
    (folder / "claims" / "broken.toml").write_text("id = \n", encoding="utf-8")
    changed = load_registry(folder)
    assert changed.claim("zheng-5.6m").id == "zheng-5.6m"
    with pytest.raises(InputError, match=r"claims/broken\.toml: is not valid TOML: .*line 1"):
        changed.claim("broken")


def test_a_file_that_is_not_utf8_is_named_with_the_byte(folder: Path) -> None:
    (folder / "cases.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(CheckFailed, match=r"cases\.toml: byte 5 is not UTF-8\. Save the file as UTF-8\."):
        load_registry(folder)


def test_what_is_no_file_is_told_at_once_and_not_waited_for(folder: Path) -> None:
    (folder / "lost.toml").symlink_to(folder / "nowhere")
    (folder / "kept.toml").mkdir()
    os.mkfifo(folder / "pipe.toml")
    with pytest.raises(CheckFailed, match=r"(?s)kept\.toml: is no file.*lost\.toml: is no file.*pipe\.toml: is no file"):
        load_registry(folder)


def test_a_key_written_twice_is_an_error(folder: Path) -> None:
    (folder / "more.toml").write_text('[[weight]]\nid = "x"\nid = "y"\n', encoding="utf-8")
    with pytest.raises(CheckFailed, match=r"more\.toml: is not valid TOML"):
        _ = load_registry(folder).weights


def test_a_misspelt_id_offers_the_nearest(registry: Registry) -> None:
    with pytest.raises(UnknownNameError, match=r'there is no claim "zheng-5\.6"\. Did you mean "zheng-5\.6m"\?'):
        registry.claim("zheng-5.6")


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a folder"):
        load_registry(tmp_path / "nowhere")


def test_a_folder_without_scenarios_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no scenarios"):
        load_registry(tmp_path)


def test_entries_cannot_be_changed_in_place(registry: Registry) -> None:
    with pytest.raises(ValueError, match="frozen"):
        registry.parameters["goodput"].unit = "ratio"
