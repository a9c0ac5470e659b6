"""Where the files of installed distributions lie: wheels, editable installs, symbolic links."""

import dataclasses
import json
from pathlib import Path

import pytest

from ringfence._engines.native.packages import resolve
from ringfence.errors import PackageNotAvailable
from tests.unit._engines.native.installed import Site, editable

# ------------------------------------------------------------------------------- files of a wheel


def test_nothing_requested_shows_nothing(site: Site) -> None:
    site.install("demo", files=["demo/__init__.py"])

    found = site.resolve()

    assert (found.requested, found.imports, found.paths, found.sys_path) == ((), (), (), ())


def test_a_wheel_shows_its_own_files_and_no_others(site: Site) -> None:
    info = site.install(
        "demo",
        "2.5",
        [
            "demo/__init__.py",
            "demo/core/x.py",
            "demo.libs/libx.so",
            "demo_extra.py",
            "_demo.abi3.so",
            "__pycache__/demo_extra.cpython-311.pyc",
            "../../../bin/demo",
            "demo-hook.pth",
        ],
    )
    site.install("other", files=["other/__init__.py"])

    found = site.resolve("demo")

    assert site.shown("demo") == [
        "_demo.abi3.so",
        "demo",
        info,
        "demo.libs",
        "demo_extra.py",
    ]
    assert found.sys_path == (str(site.path),)
    assert found.imports == ("demo",)
    assert found.distributions == (("demo", "2.5"),)
    assert found.notes == ()


def test_where_pip_got_it_from_stays_hidden(site: Site) -> None:
    url = json.dumps({"url": "file:///srv/somebody/secret-project", "dir_info": {}})
    info = site.install("demo", files=["demo.py"], metadata={"direct_url.json": url})

    assert site.shown("demo") == [f"{info}/METADATA", f"{info}/RECORD", "demo.py"]


@pytest.mark.parametrize(
    ("name", "files", "imports"),
    [
        ("demo", ["demo.py", "helper.py"], ("demo",)),
        ("Pillow-ish", ["PIL/__init__.py"], ("PIL",)),
        ("pyyaml-ish", ["yaml/__init__.py", "_yaml/__init__.py"], ("yaml",)),
        ("two", ["one.py", "other/__init__.py"], ("one", "other")),
        ("tested", ["subject/__init__.py", "tests/__init__.py"], ("subject",)),
        ("my-ns-part", ["my/ns/part/__init__.py"], ("my.ns.part",)),
        ("private", ["_c.abi3.so"], ()),
        ("meta", [], ()),
    ],
)
def test_what_is_imported(
    site: Site, name: str, files: list[str], imports: tuple[str, ...]
) -> None:
    site.install(name, files=files)

    assert site.resolve(name).imports == imports


def test_a_namespace_shows_the_parts_of_the_packages_that_were_asked_for(site: Site) -> None:
    one = site.install("ns-one", files=["ns/one/__init__.py", "ns/single.py"])
    two = site.install("ns-two", files=["ns/two/__init__.py"])
    alone = site.install("lonely", files=["lonely_ns/deep/part.py"])

    assert site.shown("ns-one") == ["ns/one", "ns/single.py", one]
    assert site.shown("ns.two") == ["ns/two", two]
    assert site.resolve("ns.two").imports == ("ns.two",)
    assert site.shown("lonely") == [alone, "lonely_ns"]
    assert site.resolve("lonely").imports == ("lonely_ns.deep.part",)


def test_debian_s_layout_states_names_only(tmp_path: Path) -> None:
    site = Site(tmp_path / "dist-packages")
    for name in ("PyDemo-1.2.egg-info", "flat-3.egg-info"):
        site.write(f"{name}/PKG-INFO", f"Name: {name.split('-')[0]}\nVersion: {name[-10:-9]}\n")
    site.write("PyDemo-1.2.egg-info/top_level.txt", "_demo\ndemo\nremoved\n")
    site.write("demo/__init__.py")
    site.write("_demo.cpython-311-x86_64-linux-gnu.so")
    site.write(f"_demo{site.interpreter.suffixes[0]}")
    site.write("flat.py")
    site.write("old-0.1.egg-info", "Name: old\nVersion: 0.1\n")
    site.write("old.py")

    found = site.resolve("PyDemo", "flat", "old")

    assert site.shown("PyDemo", "flat", "old") == [
        "PyDemo-1.2.egg-info",
        f"_demo{site.interpreter.suffixes[0]}",
        "demo",
        "flat-3.egg-info",
        "flat.py",
        "old-0.1.egg-info",
        "old.py",
    ]
    assert found.imports == ("demo", "flat", "old")
    assert [note.split(",")[0] for note in found.notes] == [
        "PyDemo 2 states no requirements",
        "flat 3 states no requirements",
        "old 0.1 states no requirements",
    ]


def test_the_requirements_of_an_egg_info_count(site: Site) -> None:
    site.write("old.egg-info/PKG-INFO", "Name: old\nVersion: 1\n")
    site.write("old.egg-info/requires.txt", "dep>=1\n\n[more]\nabsent\n")
    site.write("old.egg-info/top_level.txt", "old\n")
    site.write("old.py")
    site.install("dep", files=["dep.py"])

    assert site.resolve("old").distributions == (("dep", "1.0"), ("old", "1"))


def test_files_that_nobody_claims_are_an_error(site: Site) -> None:
    site.write("lost.egg-info/PKG-INFO", "Name: lost\nVersion: 1\n")

    with pytest.raises(PackageNotAvailable, match=r"lost 1: nothing in .* says which files"):
        site.resolve("lost")


def test_the_first_directory_wins(tmp_path: Path) -> None:
    first, second = Site(tmp_path / "a"), Site(tmp_path / "b")
    first.install("demo", "1.0", ["demo.py"])
    second.install("demo", "2.0", ["demo.py"])
    second.install("dep", "3.0", ["dep.py"])
    both = dataclasses.replace(
        first.interpreter, site=(str(first.path), str(tmp_path / "absent"), str(second.path))
    )

    found = resolve(["dep", "demo"], both)

    assert found.distributions == (("demo", "1.0"), ("dep", "3.0"))
    assert found.sys_path == (str(first.path), str(second.path))


# ------------------------------------------------------------------------------- editable installs


def test_a_path_in_a_pth_file_shows_the_package_not_the_project(site: Site, source: Path) -> None:
    site.write("_demo.pth", f"{source}\n")
    info = editable(site, "demo", source, "_demo.pth")

    found = site.resolve("demo")

    assert found.paths == (
        f"{source}/demo",
        *(f"{site.path}/{info}/{name}" for name in ("METADATA", "RECORD")),
    )
    assert found.sys_path == (str(site.path), str(source))
    assert found.imports == ("demo",)


def test_names_of_the_build_tool_lead_into_a_source_directory(site: Site, source: Path) -> None:
    site.write("x.pth", f"{source}/src")
    editable(site, "x", source, "x.pth", top_level__txt="single\n")

    found = site.resolve("x")

    assert f"{source}/src/single.py" in found.paths
    assert f"{source}/src/inner" not in found.paths
    assert found.imports == ("single",)


def test_a_directory_called_src_belongs_to_its_project(site: Site, source: Path) -> None:
    site.write("x.pth", f"{source}/src")
    editable(site, "x", source, "x.pth")

    assert f"{source}/src/inner" in site.resolve("x").paths


def test_the_only_package_of_a_project_is_its_own(site: Site, source: Path) -> None:
    site.write("x.pth", f"{source}")
    editable(site, "x", source, "x.pth")

    found = site.resolve("x")

    assert [path for path in found.paths if path.startswith(str(source))] == [f"{source}/demo"]


def test_a_project_of_several_packages_is_refused(site: Site, source: Path) -> None:
    (source / "second").mkdir()
    (source / "second" / "__init__.py").touch()
    site.write("x.pth", f"{source}")
    editable(site, "x", source, "x.pth")

    with pytest.raises(PackageNotAvailable, match=r"its own \(demo, second\); install it without"):
        site.resolve("x")


def finder(site: Site, source: Path, table: str) -> None:
    site.write(
        "__editable___x_finder.py", f"import os\nMAPPING: dict[str, str] = {table}\nos.abort()"
    )
    site.write(
        "__editable__.x.pth", "import __editable___x_finder; __editable___x_finder.install()"
    )
    editable(site, "x", source, "__editable__.x.pth", "__editable___x_finder.py")


def test_setuptools_table_is_read_and_not_run(site: Site, source: Path) -> None:
    table = {"demo": f"{source}/demo", "single": f"{source}/src/single"}
    finder(site, source, repr(table))

    found = site.resolve("x")

    assert {path for path in found.paths if path.startswith(str(source))} == {
        f"{source}/demo",
        f"{source}/src/single.py",
    }
    assert found.sys_path == (str(site.path), str(source), f"{source}/src")
    assert found.imports == ("demo", "single")


@pytest.mark.parametrize("table", ["{'renamed': '{source}/demo'}", "{'demo': '/nowhere/demo'}"])
def test_a_table_that_a_search_path_cannot_express_is_refused(
    site: Site, source: Path, table: str
) -> None:
    finder(site, source, table.replace("{source}", str(source)))

    with pytest.raises(
        PackageNotAvailable, match="a search path cannot express; install it without"
    ):
        site.resolve("x")


@pytest.mark.parametrize("table", ["make_table()", "{"])
def test_a_table_that_is_no_table_is_refused(site: Site, source: Path, table: str) -> None:
    finder(site, source, table)

    with pytest.raises(PackageNotAvailable, match="is not the table that setuptools writes"):
        site.resolve("x")


def test_other_import_hooks_are_refused(site: Site, source: Path) -> None:
    site.write("x-editable.pth", "import _x_editable_loader")
    site.write("_x_editable_loader.py")
    editable(site, "x", source, "x-editable.pth", "_x_editable_loader.py")

    with pytest.raises(PackageNotAvailable, match=r"works through an import hook .*without -e"):
        site.resolve("x")


def test_setup_py_develop_leads_to_the_source(site: Site, source: Path) -> None:
    site.write("easy-install.pth", f"{source}\nimport os; os.abort()\n")
    site.write("old.egg-link", f"{source}\n.")
    for name, text in (("PKG-INFO", "Name: old\nVersion: 1\n"), ("top_level.txt", "demo\n")):
        (source / "old.egg-info").mkdir(exist_ok=True)
        (source / "old.egg-info" / name).write_text(text)

    found = site.resolve("old")

    assert found.paths == (f"{source}/demo", f"{source}/old.egg-info")
    assert found.sys_path == (str(source),)


def test_a_damaged_direct_url_is_an_error(site: Site) -> None:
    site.install("demo", files=["demo.py"], metadata={"direct_url.json": "[]"})

    with pytest.raises(PackageNotAvailable, match=r"direct_url.json is damaged"):
        site.resolve("demo")


# --------------------------------------------------------------------------------- symbolic links


def test_links_out_of_a_package_are_followed(site: Site, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    (shared / "data").mkdir(parents=True)
    (shared / "data" / "file.txt").touch()
    (shared / "table.bin").touch()
    (shared / "data" / "onward").symlink_to("../further")
    (shared / "further").touch()
    site.install("demo", files=["demo/__init__.py", "demo/inside.txt"])
    package = site.path / "demo"
    (package / "data").symlink_to("../../shared/data")
    (package / "table").symlink_to(shared / "table.bin")
    (package / "dangling").symlink_to("/nowhere/at/all")
    (package / "internal").symlink_to("inside.txt")

    found = site.resolve("demo")

    assert {path for path in found.paths if not path.startswith(str(site.path))} == {
        f"{shared}/data",
        f"{shared}/table.bin",
        f"{shared}/further",
    }
    assert found.notes == ()


@pytest.mark.parametrize("target", ["/", "..", "../.."])
def test_a_link_to_everything_is_not_followed(site: Site, target: str) -> None:
    info = site.install("demo", files=["demo/__init__.py"])
    (site.path / "demo" / "all").symlink_to(target)

    assert site.shown("demo") == ["demo", info]
    assert "which is too much to show to a guest" in site.resolve("demo").notes[0]


def test_an_installation_of_links_is_refused(site: Site, tmp_path: Path) -> None:
    site.install("demo", files=["demo/__init__.py"])
    cache = tmp_path / "cache"
    cache.mkdir()
    for number in range(300):
        (cache / str(number)).touch()
        (site.path / "demo" / str(number)).symlink_to(cache / str(number))

    with pytest.raises(PackageNotAvailable, match="installed as links to a cache"):
        site.resolve("demo")


def test_a_linked_package_is_shown_where_it_is_imported(site: Site, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "__init__.py").touch()
    (site.path / "demo").symlink_to(tmp_path / "elsewhere")
    info = site.install("demo", files=["demo/__init__.py"])

    assert site.shown("demo") == ["demo", info]
