"""Extensions of others: installed from a workshop, verified on every load, tried by a workshop."""

import io
import os
import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import ringfence
from apps.vishwakarma.tests.bundles import (
    DEFINING,
    IMPORTER,
    READING,
    bundle,
    dots,
    fences,
    listing,
    stamp,
)
from ringfence.errors import (
    ConsentNeeded,
    NotTrusted,
    ReleaseNotFound,
    ReleaseRevoked,
    WorkshopUnreachable,
)
from ringfence.plugins import Bundle, SpecMismatch, analysis
from ringfence.workshop.signing import Repository
from vishwakarma_app.blocks import LIBRARY, BlockLibrary, BlockRunner, insert
from vishwakarma_app.document import Document
from vishwakarma_app.errors import BlockRefused, ExtensionFailed, ExtensionRefused
from vishwakarma_app.extensions import Extension, read_bundle, run_extension, shipped
from vishwakarma_app.workshop import (
    Catalogue,
    ExtensionTrial,
    Installed,
    NotLoaded,
    Workshops,
    data_folder,
)

URL = "https://workshop.example"
EVIL = '<img src=x onerror="alert(1)">'


class Clock:
    """Tells the time that it was set to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Shop:
    """A workshop without a server, and what one person has installed from it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.online = folder, Clock(), True
        self.repository = Repository.open(folder / "repository", clock=self.clock)
        self.root = self.repository.metadata_file("1.root.json")
        self.installed = self.again()

    def again(self) -> Installed:
        """As another process sees it."""
        workshops = Workshops(self.folder / "data", connect=lambda _: self.fetch, clock=self.clock)
        return Installed(workshops)

    def fetch(self, path: str) -> bytes | Iterable[bytes]:
        if not self.online:
            raise WorkshopUnreachable(f"{path}: there is no network")
        return self.repository.serve(path)

    def publish(self, *bundles: Bundle) -> None:
        for one in bundles:
            self.repository.publish(one)

    def bundle_file(self, sha256: str) -> Path:
        return next((self.folder / "data").glob(f"*/client/bundles/{sha256}.zip"))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    Repository.create(folder / "repository", offline=folder / "keys", clock=Clock())
    return folder


@pytest.fixture
def shop(template: Path, tmp_path: Path) -> Shop:
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    found = Shop(tmp_path)
    found.installed.workshops.add(URL, found.root)
    return found


# -- what is installed runs


def test_an_importer_of_several_modules_is_installed_and_runs(shop: Shop) -> None:
    shop.publish(dots(), listing())
    assert shop.installed.install("dots-import").version == "1.0.0"
    shop.online = False
    catalogue = Catalogue(installed=shop.again())
    assert [(one.name, one.version, one.state) for one in catalogue.installed] == [
        ("dots-import", "1.0.0", "ready")
    ]
    assert list(catalogue.extensions) == [*shipped(), "dots-import"]
    extension = catalogue.extension("dots-import")
    document = Document()
    run_extension(
        document,
        extension,
        source=io.BytesIO(b"1 2\n3 4\n"),
        parameters={"size": "0.5"},
        engine="native",
        wire="packed",
    )
    assert [one.kind for one in document] == ["circle", "circle"]
    with pytest.raises(ExtensionFailed) as caught:
        run_extension(
            document, extension, source=io.BytesIO(b"a b"), engine="native", wire="packed"
        )
    assert str(caught.value).startswith("dots-import, parts.reading, line 4: ValueError: ")
    with pytest.raises(ExtensionRefused, match=r"dots-import: size: at least 0.1 was expected"):
        extension.arguments({"size": "0"})


def test_blocks_of_a_library_are_inserted_with_its_bounds_and_its_name(shop: Shop) -> None:
    shop.publish(fences())
    shop.installed.install("fences")
    catalogue = Catalogue(installed=shop.installed)
    assert list(catalogue.blocks) == [*LIBRARY, "picket"]
    document = Document("m")
    made = insert(document, "picket", library=catalogue.blocks_for("picket"))
    assert document.blocks["picket"].publisher == "fences"
    with BlockRunner(document, engine="native", library=catalogue.blocks) as runner:
        assert runner.evaluate().failed == ()
        bounds = {one.name: (one.title, one.low, one.high) for one in runner.parameters("picket")}
    assert bounds == {"pales": ("Pales", 2, 60), "height": ("", None, None)}
    box = document.box(made)
    assert box is not None and box.z2 == 1.2
    with pytest.raises(ExtensionRefused, match="fences is a library of blocks, and does not run"):
        catalogue.extension("fences")
    shop.repository.revoke("fences", "1.0.0", "it draws lies")
    shop.installed.refresh()
    with pytest.raises(NotLoaded, match="it draws lies"):
        catalogue.blocks_for("picket")
    catalogue.reload()
    assert "picket" not in catalogue.blocks
    with pytest.raises(BlockRefused, match=r"there is no block 'picket'.*revoked it \(it draws"):
        catalogue.blocks_for("picket")
    with BlockRunner(document, engine="native", library=catalogue.blocks) as runner:
        assert runner.evaluate().failed == ()  # what is in the document is the document's


# -- consent


def test_what_asks_for_more_needs_consent_also_as_an_update(shop: Shop) -> None:
    shop.publish(stamp())
    shop.installed.install("stamp")
    shop.publish(stamp("1.1.0", DEFINING, grants=["define-blocks"]))
    for agreed in ((), ("network",)):
        with pytest.raises(ConsentNeeded) as caught:
            shop.installed.update("stamp", agreed=agreed)
        assert caught.value.grants == ("define-blocks",)
    assert shop.installed.all()[0].version == "1.0.0"
    before, taken = shop.installed.update("stamp", agreed=["define-blocks"])
    assert (before, taken.version) == ("1.0.0", "1.1.0")
    assert shop.installed.workshops[URL].client.versions("stamp") == ("1.1.0",)
    shop.publish(stamp("1.2.0", DEFINING, grants=["define-blocks"]))
    assert shop.installed.update("stamp")[1].version == "1.2.0"  # agreed to before
    document = Document()
    extension = shop.installed.load("stamp")
    assert isinstance(extension, Extension)
    run_extension(document, extension, engine="native", wire="packed")
    assert document.blocks["stamp"].publisher == "stamp"


def test_an_importer_that_becomes_a_command_is_no_update(shop: Shop) -> None:
    shop.publish(dots())
    shop.installed.install("dots-import")
    shop.publish(stamp("1.1.0", name="dots-import"))
    with pytest.raises(ExtensionRefused) as caught:
        shop.installed.update("dots-import", agreed=["define-blocks"])
    assert str(caught.value) == (
        "dots-import 1.1.0 is a command, which dots-import 1.0.0 is not; remove that first, to "
        "take this one instead"
    )
    assert shop.installed.all()[0].version == "1.0.0"
    shop.installed.remove("dots-import")
    assert shop.installed.install("dots-import").kind == "command"


def test_blocks_are_defined_by_those_that_asked_to(shop: Shop) -> None:
    extension = read_bundle(stamp(source=DEFINING))
    assert isinstance(extension, Extension)
    document = Document()
    with pytest.raises(ExtensionFailed) as caught:
        run_extension(document, extension, engine="native", wire="packed")
    assert caught.value.status == "refused"
    assert 'grants = ["define-blocks"]' in str(caught.value)
    assert not document.blocks


# -- revoked, expired, tampered with


def test_a_revoked_release_is_not_loaded_and_says_what_to_do(shop: Shop) -> None:
    shop.publish(stamp())
    shop.installed.install("stamp")
    shop.repository.revoke("stamp", "1.0.0", "it sends models away")
    assert isinstance(shop.installed.load("stamp"), Extension)  # nobody has told us yet
    assert shop.installed.refresh() == ()
    with pytest.raises(NotLoaded) as caught:
        shop.again().load("stamp")
    assert caught.value.state == "revoked"
    assert str(caught.value) == (
        "stamp 1.0.0 is not loaded: its workshop revoked it (it sends models away). Update it, if "
        "there is a newer version: `vishwakarma ext update stamp`; or remove it: `vishwakarma ext "
        "remove stamp`"
    )
    catalogue = Catalogue(installed=shop.installed)
    assert "stamp" not in catalogue.extensions
    assert catalogue.installed[0].state == "revoked"
    with pytest.raises(NotLoaded, match="revoked"):
        catalogue.extension("stamp")
    with pytest.raises(ReleaseRevoked):
        shop.installed.install("stamp")
    assert shop.installed.update("stamp")[1].status == "revoked"
    shop.publish(stamp("1.0.1"))
    assert shop.installed.update("stamp")[1].version == "1.0.1"
    assert isinstance(shop.installed.load("stamp"), Extension)
    shop.installed.remove("stamp")
    assert shop.installed.names() == ()
    with pytest.raises(ExtensionRefused, match="'stamp' is not installed; installed is nothing"):
        shop.installed.load("stamp")


def test_offline_it_loads_until_what_was_signed_expires(shop: Shop) -> None:
    shop.publish(stamp())
    shop.installed.install("stamp")
    shop.online = False
    shop.clock.now += timedelta(days=6)
    assert isinstance(shop.again().load("stamp"), Extension)
    shop.clock.now += timedelta(days=2)
    with pytest.raises(NotLoaded) as caught:
        shop.again().load("stamp")
    assert caught.value.state == "expired"
    assert "has expired, so nobody can tell whether it was revoked" in str(caught.value)
    assert "`vishwakarma ext refresh`" in str(caught.value)
    rows = shop.again().all()
    assert [(one.name, one.version, one.state) for one in rows] == [("stamp", "1.0.0", "expired")]
    shop.online = True
    shop.repository.refresh()
    assert isinstance(shop.again().load("stamp"), Extension)  # asks anew by itself


def test_a_tampered_file_is_not_loaded(shop: Shop) -> None:
    shop.publish(stamp())
    taken = shop.installed.install("stamp")
    path = shop.bundle_file(taken.sha256)
    good = path.read_bytes()
    path.write_bytes(good.replace(b"seen", b"evil"))
    with pytest.raises(NotLoaded) as caught:
        shop.installed.load("stamp")
    assert caught.value.state == "refused" and "not what was signed" in str(caught.value)
    assert Catalogue(installed=shop.again()).installed[0].state == "refused"
    path.write_bytes(good)
    assert isinstance(shop.installed.load("stamp"), Extension)
    path.unlink()
    path.symlink_to(shop.folder / "elsewhere.zip")
    (shop.folder / "elsewhere.zip").write_bytes(good)
    with pytest.raises(NotLoaded):
        shop.installed.load("stamp")
    path.unlink()
    path.write_bytes(stamp(source="def stamp(text): pass").pack())
    with pytest.raises(NotLoaded):
        shop.installed.load("stamp")


def test_a_workshop_that_goes_back_in_time_is_not_believed(shop: Shop) -> None:
    shutil.copytree(shop.folder / "repository", shop.folder / "old")
    shop.publish(stamp(), stamp("1.1.0"))
    shop.installed.install("stamp")
    new = shop.repository
    shop.repository = Repository.open(shop.folder / "old", clock=shop.clock)
    shop.publish(stamp())  # an older release alone, well signed
    with pytest.raises(NotTrusted):
        shop.installed.update("stamp")
    assert [one.version for one in shop.installed.all()] == ["1.1.0"]
    shop.repository = new
    assert shop.installed.update("stamp")[1].version == "1.1.0"


def test_files_that_others_may_write_are_not_believed(shop: Shop) -> None:
    path = next((shop.folder / "data").glob("*/workshop.json"))
    for one in (path, path.parent):
        mode = one.stat().st_mode
        one.chmod(mode | 0o002)
        with pytest.raises(ExtensionRefused, match="others could write to it"):
            list(shop.again().workshops)
        one.chmod(mode)
    path.write_text("[")
    with pytest.raises(ExtensionRefused, match="it is damaged"):
        shop.again().names()
    catalogue = Catalogue(installed=shop.again())  # what is shipped is there all the same
    assert catalogue.extensions == shipped() and "it is damaged" in catalogue.missing


def test_what_is_written_is_private_whatever_the_umask(shop: Shop) -> None:
    before = os.umask(0)
    try:
        shop.installed.workshops.add("https://mirror.example", shop.root)
    finally:
        os.umask(before)
    assert len(list(shop.again().workshops)) == 2


# -- what is not installed


def lie(host: str, **more: Any) -> Bundle:
    return dots(host=host, **more)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: lie('function = "os.system"\nsuffixes = [".x"]'), "host.function: it must be"),
        (lambda: lie('function = "a"\nsuffixes = "all"'), "host.suffixes: it must be a list"),
        (lambda: lie('function = "a"\nsuffixes = ["../.x"]'), "host.suffixes: it must be a suffix"),
        (lambda: lie('function = "a"\nsuffixes = [".x"]\npackages = ["ezdxf"]'), "host.packages"),
        (lambda: lie('function = "a"\nsuffixes = [".x"]\nengines = ["host"]'), "host.engines"),
        (lambda: lie('function = "a"\nsuffixes = [1]'), "host.suffixes: it must be a suffix"),
        (
            lambda: dots(modules={"main": IMPORTER, "vishwakarma.__init__": READING}),
            "vishwakarma: a module of this name is there already",
        ),
        (lambda: fences(host="blocks = 3"), "host.blocks: it must have at most"),
        (lambda: fences(host="[host.blocks.other]\ntitle = 'x'"), "other: its scripts must be"),
        (
            lambda: fences(host='[host.blocks.picket]\ntitle = "x"\nparameters = {n = ["n", 9, 1, 1]}'),
            "host.blocks.picket.n: a slider goes from less to more",
        ),
        (
            lambda: fences(host='[host.blocks.picket]\ntitle = "x"\nparameters = {n = ["n", nan, 1, 1]}'),
            "host.blocks.picket.n: behind its title",
        ),
        (lambda: fences(block="staircase"), "a block of this name comes with Vishwakarma"),
        (lambda: stamp(grants=["network"]), "there is no grant 'network'"),
        (lambda: stamp(packages=["numpy"]), "packages are lent to the application's own"),
        (lambda: stamp(spec_version="2.0"), "is for vishwakarma 2.0, and this is vishwakarma 1.0"),
        (lambda: stamp(spec="worldgen.terrain"), "is for worldgen.terrain 1.0, and this is"),
        (lambda: bundle("x", "driver", {"main": ""}, ""), "kind must be importer, exporter"),
        (lambda: stamp(name="measure"), "something of this name comes with Vishwakarma"),
        (lambda: fences(name="vishwakarma"), "something of this name comes with Vishwakarma"),
    ],
)  # fmt: skip
def test_what_lies_or_asks_too_much_is_read_nowhere(
    made: Callable[[], Bundle], message: str
) -> None:
    one = made()
    trial = ExtensionTrial(engine="native")
    with pytest.raises((ringfence.ConfigurationError, BlockRefused)) as caught:  # a workshop
        trial.check(one.manifest)
        report = trial.try_out(one)
        assert not report.ok
        raise BlockRefused(report.cases[0].reason, "")
    assert message in str(caught.value)


def test_what_lies_or_asks_too_much_is_not_installed(shop: Shop) -> None:
    made = [
        (lie('function = "os.system"\nsuffixes = [".x"]'), "host.function: it must be"),
        (fences(block="staircase"), "the block staircase comes with the application"),
        (stamp(grants=["network"]), "there is no grant 'network'"),
        (stamp(name="packs", packages=["numpy"]), "packages are lent to the application's own"),
        (stamp(name="newer", spec_version="2.0"), "is for vishwakarma 2.0, and this is"),
        (stamp(name="hills", spec="worldgen.terrain"), "nothing for Vishwakarma"),
        (bundle("driver", "driver", {"main": ""}, ""), "nothing for Vishwakarma"),
        (stamp(name="measure"), "measure comes with the application"),
        (fences(name="vishwakarma"), "vishwakarma comes with the application"),
    ]
    shop.publish(*(one for one, _ in made))
    for one, message in made:
        with pytest.raises((ExtensionRefused, SpecMismatch)) as caught:
            shop.installed.install(one.manifest.name, agreed=["network", "define-blocks"])
        assert message in str(caught.value)
        assert shop.installed.names() == ()


def test_an_update_that_cannot_be_used_leaves_what_was_there(shop: Shop) -> None:
    shop.publish(dots())
    shop.installed.install("dots-import")
    shop.publish(lie('function = "1"\nsuffixes = [".x"]', version="2.0.0"))
    with pytest.raises(ExtensionRefused, match=r"host\.function"):
        shop.installed.update("dots-import")
    assert [one.version for one in shop.installed.all()] == ["1.0.0"]
    assert isinstance(shop.installed.load("dots-import"), Extension)


def test_what_came_in_under_a_shipped_name_is_not_loaded(shop: Shop) -> None:
    shop.publish(stamp(name="measure"), fences(name="more-fences"), fences())
    shop.installed.workshops[URL].client.install("measure")  # by other means
    shop.installed.install("fences")
    shop.installed.install("more-fences")
    catalogue = Catalogue(installed=shop.installed, own={"mine": shipped()["measure"]})
    assert catalogue.extensions["measure"] is shipped()["measure"]
    assert catalogue.extension("measure") is shipped()["measure"]
    states = {one.name: (one.state, one.message) for one in catalogue.installed}
    assert states["fences"] == ("ready", "")
    assert states["measure"][0] == "refused"
    assert "something of this name comes with the application" in states["measure"][1]
    assert states["more-fences"] == (
        "refused",
        "more-fences is not loaded: fences has a block picket as well; remove one of the two",
    )


def test_workshops_are_added_once_with_their_own_root(shop: Shop, template: Path) -> None:
    workshops = shop.installed.workshops
    with pytest.raises(ExtensionRefused, match="was added already"):
        workshops.add(f"{URL}/", shop.root)
    Repository.create(shop.folder / "other", offline=shop.folder / "okeys", clock=shop.clock)
    other = Repository.open(shop.folder / "other", clock=shop.clock)
    with pytest.raises(NotTrusted):
        workshops.add("https://other.example", other.root)
    with pytest.raises(NotTrusted):
        workshops.add("https://other.example", b"{}")
    shop.online = False
    with pytest.raises(WorkshopUnreachable):
        workshops.add("https://other.example", shop.root)
    with pytest.raises(ringfence.ConfigurationError):
        workshops.add("file:///etc", shop.root)
    assert [one.url for one in shop.again().workshops] == [URL]
    shop.online = True
    with pytest.raises(ReleaseNotFound, match="no workshop has 'nothing'"):
        shop.installed.install("nothing")
    shop.publish(stamp())
    workshops.add("https://mirror.example", shop.root)
    with pytest.raises(ExtensionRefused, match="say from which workshop, with --workshop URL"):
        shop.installed.install("stamp")
    shop.installed.install("stamp", workshop="https://mirror.example")
    with pytest.raises(ExtensionRefused, match=r"stamp is installed from https://mirror.example"):
        shop.installed.install("stamp", workshop=URL)
    with pytest.raises(ExtensionRefused, match="stamp comes from there; remove that first"):
        workshops.forget("https://mirror.example")
    shop.installed.remove("stamp")
    workshops.forget("https://mirror.example")
    assert [one.url for one in shop.again().workshops] == [URL]


def test_the_data_folder_is_where_the_desktop_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")
    assert data_folder() == Path("/somewhere/vishwakarma/workshops")
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    monkeypatch.setenv("HOME", "/hers")
    assert data_folder() == Path("/hers/.local/share/vishwakarma/workshops")


# -- how a workshop tries them


SHORT = ringfence.Limits(wall=60, cpu=1, host_wall=60, memory="512MiB")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda: dots(), {"it loads": "", "an empty file (.dots)": "", "a file of one line (.dots)": ""}),
        (lambda: listing(), {"it loads": "", "a small document": ""}),
        (lambda: stamp(), {"it loads": "", "a small selection": ""}),
        (lambda: fences(), {"picket with its defaults": ""}),
        (
            lambda: dots(modules={"main": "def import_dots(source, size):\n    while True: pass"}),
            {
                "it loads": "",
                "an empty file (.dots)": "dots-import: the guest reached its limit cpu=1 s",
                "a file of one line (.dots)": "dots-import: the guest reached its limit cpu=1 s",
            },
        ),
        (
            lambda: dots(modules={"main": "def import_dots(source, size):\n    return [][0]"}),
            {
                "it loads": "",
                "an empty file (.dots)": "dots-import, line 2: IndexError: list index out of range",
                "a file of one line (.dots)": "dots-import, line 2: IndexError: list index out of range",
            },
        ),
        (
            lambda: stamp(source="import numpy\ndef stamp(text): pass"),
            {"it loads": "stamp, line 1: ModuleNotFoundError: No module named 'numpy'"},
        ),
        (
            lambda: stamp(source="def other(): pass"),
            {"it loads": "stamp: main has no function 'stamp'; [host] names it"},
        ),
        (
            lambda: stamp(source="import os\ndef stamp(text): os._exit(0)"),
            {"it loads": "", "a small selection": "stamp: "},
        ),
        (
            lambda: stamp(source=DEFINING),
            {"it loads": "", "a small selection": "stamp, line 7: this extension may not define"},
        ),
        (
            lambda: bundle("x", "exporter", {"main": "def f(target): pass"}, 'function = "f"\nsuffixes = [".x"]'),
            {"it loads": "", "a small document": "x: it wrote nothing"},
        ),
        (
            lambda: fences(source="def picket(pales: int = 8):\n    import os"),
            {"picket with its defaults": "picket, line 2, column 5: import is not allowed"},
        ),
        (
            lambda: fences(source="def picket(pales: int = 8):\n    line(0, 0, 1 / (pales - 8), 1)"),
            {"picket with its defaults": "picket, line 2: ZeroDivisionError"},
        ),
        (
            lambda: fences(source="def picket(pales: int):\n    line(0, 0, pales, 1)"),
            {"picket with its defaults": "picket, line 1: pales has to be given"},
        ),
        (
            lambda: fences(source="def picket():\n    line(0, 0, 1, 1)"),
            {"picket with its defaults": "picket: [host] has bounds for 'pales', which is no"},
        ),
        (
            lambda: fences(source="def picket(pales: int = 8):\n    while True:\n        pales = 1"),
            {"picket with its defaults": "picket, line 2"},
        ),
    ],
)  # fmt: skip
def test_trials(made: Callable[[], Bundle], expected: dict[str, str]) -> None:
    one = made()
    report = ExtensionTrial(engine="native", limits=SHORT).try_out(one)
    assert [case.title for case in report.cases] == list(expected)
    for case in report.cases:
        wanted = expected[case.title]
        assert case.ok == (not wanted), case
        assert case.reason.startswith(wanted)
    assert report.ok == (not any(expected.values()))


def test_what_the_application_lends_is_nothing_to_ask_for() -> None:
    lends = ExtensionTrial.lends
    assert analysis.analyze(dots(), lends=lends).verdict == "clean"
    assert analysis.analyze(dots()).verdict == "refuse"
    found = analysis.analyze(stamp(source="import numpy\ndef stamp(text): pass"), lends=lends)
    assert [one.rule for one in found.findings] == ["RF101"]


def test_what_is_shipped_would_be_taken() -> None:
    """But for their names, and for those that are lent packages."""
    from vishwakarma_app.extensions.manifest import SHIPPED

    for name in ("obj-import", "array-copy"):
        folder = SHIPPED / name.replace("-", "_")
        files = dict(Bundle.of_folder(folder).files)
        files["plugin.toml"] = files["plugin.toml"].replace(name.encode(), b"another")
        report = ExtensionTrial(engine="native").try_out(Bundle.of_files(files))
        assert report.ok, report.cases


def test_a_library_is_read_as_one() -> None:
    found = read_bundle(fences(title=EVIL))
    assert isinstance(found, BlockLibrary)
    assert found.title == EVIL
