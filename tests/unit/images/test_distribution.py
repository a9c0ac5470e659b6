"""The wheel of an image: as the format asks, the same each time, and checked when it is taken."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ringfence.errors import EngineFailure, ImageNotUsable
from ringfence.images.distribution import InstalledImage, find_installed, project_of, write_wheel
from ringfence.wheels.distribution import parse_wheel

FILES = {"module": b"code" * 1000, "licenses/a.txt": b"free"}
NAME = "ringfence_image_thing-1.2-py3-none-any.whl"


def _install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str = "k1") -> Path:
    """What an installer makes of the wheel, on the search path; the folder of its files."""
    site = tmp_path / "site"
    with zipfile.ZipFile(write_wheel(tmp_path, "thing", key, "1.2", FILES)) as archive:
        archive.extractall(site)
    monkeypatch.syspath_prepend(site)
    return site / "ringfence_image_thing"


def test_it_is_a_wheel_of_pure_data(tmp_path: Path) -> None:
    path = write_wheel(tmp_path / "new" / "folder", "thing", "k1", "1.2", FILES)
    assert path == tmp_path / "new" / "folder" / NAME
    assert [p.name for p in path.parent.iterdir()] == [NAME]
    wheel = parse_wheel(path.name, path.read_bytes())  # RECORD and all else is checked
    assert (wheel.name, str(wheel.version)) == (project_of("thing"), "1.2")
    assert [str(one) for one in wheel.requires] == ["ringfence[thing]==1.2"]
    assert str(wheel.requires_python) == ">=3.11"
    info, package = "ringfence_image_thing-1.2.dist-info", "ringfence_image_thing"
    assert sorted(wheel.files) == [
        *(f"{info}/{name}" for name in ("METADATA", "RECORD", "WHEEL")),
        *(f"{package}/{name}" for name in ("licenses/a.txt", "manifest.json", "module")),
    ]
    assert wheel.files[f"{package}/module"] == FILES["module"]


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    one = write_wheel(tmp_path / "one", "thing", "k1", "1.2", FILES).read_bytes()
    path = write_wheel(tmp_path / "two", "thing", "k1", "1.2", dict(reversed(FILES.items())))
    assert path.read_bytes() == one
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100644}
    assert write_wheel(tmp_path / "two", "thing", "k1", "1.2", FILES) == path  # replaced
    assert path.read_bytes() == one


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.touch()
    with pytest.raises(EngineFailure) as caught:
        write_wheel(taken, "thing", "k1", "1.2", FILES)
    assert str(caught.value) == f"{taken / NAME} cannot be written: File exists"


def test_nothing_is_installed() -> None:
    assert find_installed("thing") is None


def test_what_is_installed_is_found_and_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _install(tmp_path, monkeypatch)
    (folder / "__init__.py").write_text("raise SystemExit('nothing of it is imported')\n")
    found = find_installed("thing")
    assert isinstance(found, InstalledImage)
    assert (str(found), found.key) == ("ringfence-image-thing 1.2", "k1")
    assert found.read(FILES) == FILES
    assert found.read(["module"]) == {"module": FILES["module"]}


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("changed", "{folder}/module is not the file that was published"),
        ("removed", "{folder}/module cannot be read (No such file or directory)"),
        ("unlisted", "{folder}/module is not the file that was published"),
        ("no manifest", "{folder}/manifest.json is no manifest of an image"),
        ("no JSON", "{folder}/manifest.json is no manifest of an image"),
        ("a list", "{folder}/manifest.json is no manifest of an image"),
        ("no key", "{folder}/manifest.json is no manifest of an image"),
        ("no files", "{folder}/manifest.json is no manifest of an image"),
    ],
)
def test_what_is_damaged_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str, what: str
) -> None:
    folder = _install(tmp_path, monkeypatch)
    manifest = folder / "manifest.json"
    texts = {
        "unlisted": '{"key": "k1", "files": {}}',
        "no JSON": "{",
        "a list": "[]",
        "no key": '{"files": {}}',
        "no files": '{"key": "k1", "files": null}',
    }
    if damage in texts:
        manifest.write_text(texts[damage])
    elif damage == "changed":
        (folder / "module").write_bytes(b"CODE" * 1000)
    else:
        (manifest if damage == "no manifest" else folder / "module").unlink()
    with pytest.raises(ImageNotUsable) as caught:
        found = find_installed("thing")
        assert found is not None
        found.read(FILES)
    assert str(caught.value) == (
        f"the image that is installed as ringfence-image-thing 1.2 is damaged: "
        f"{what.format(folder=folder)}; install it again (pip install --force-reinstall --no-deps "
        "ringfence-image-thing==1.2), or remove it"
    )
