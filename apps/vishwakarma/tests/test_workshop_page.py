"""Installing in the page, in a real browser, and on the command line, from a real workshop."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from apps.vishwakarma.tests.bundles import DEFINING, bundle, dots, fences, stamp
from apps.vishwakarma.tests.market import Market, market
from apps.vishwakarma.tests.test_web_browser import CHROMIUM, OUT, REQUIRED, browser, shown
from apps.vishwakarma.tests.web_client import page as page_without_browser
from apps.vishwakarma.tests.web_client import serving
from ringfence.errors import WorkshopRefused
from vishwakarma_app.cli import main
from vishwakarma_app.document import Document
from vishwakarma_app.storage import write_document

__all__ = ["browser"]

EVIL = '<img src=x onerror="alert(1)"><b>Stamp</b>'

with_browser = pytest.mark.skipif(
    CHROMIUM is None and not REQUIRED,
    reason="there is no chromium here; as root, scripts/browser.py installs Debian's",
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with market(tmp_path_factory.mktemp("market")) as found:
        found.publish(stamp(title=EVIL, description="Writes <i>a word</i> where x and y are 0."))
        found.publish(dots(description="Points in a text file, one on a line, as circles."))
        found.publish(fences(description="Fences for gardens, with pales of wood."))
        found.installed.workshops.add(found.url, found.root)
        yield found


def card(where: Locator, name: str) -> Locator:
    return where.locator(f'[data-name="{name}"]')


def run_command(page: Page, title: str) -> None:
    page.get_by_role("button", name="Run command").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What to run").select_option(title)
    dialog.get_by_role("button", name="Run").click()


@with_browser
def test_install_run_update_and_revoke_in_the_page(browser: Browser, house: Market) -> None:
    complaints: list[str] = []
    with serving(installed=house.installed) as server:
        context = browser.new_context(viewport={"width": 1280, "height": 860})
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda opened: complaints.append(opened.message))
        page.goto(server.url)
        expect(page.locator(".title")).to_have_text("untitled.vk")

        page.get_by_role("button", name="Extensions").click()
        panel = page.get_by_role("dialog", name="Extensions")
        found, here = panel.get_by_label("Found", exact=True), panel.get_by_label("Installed")
        expect(card(found, "stamp").locator("strong")).to_have_text(EVIL)
        expect(found.locator(".card")).to_have_count(3)
        panel.get_by_label("Find extensions").fill("gardens")
        panel.get_by_label("Find extensions").press("Enter")
        expect(found.locator(".card")).to_have_count(1)
        panel.get_by_role("button", name="Install fences").click()
        expect(card(here, "fences").locator(".state")).to_have_text("Installed")
        panel.get_by_label("Find extensions").fill("")
        panel.get_by_role("button", name="Find", exact=True).click()
        panel.get_by_role("button", name="Install stamp").click()
        expect(card(here, "stamp").locator(".state")).to_have_text("Installed")
        assert page.locator("dialog img, dialog b, dialog i").count() == 0  # texts are texts
        page.keyboard.press("Escape")

        run_command(page, EVIL)
        expect(page.locator("#messages")).to_contain_text("Done: 1 created.")
        expect(page.locator("#status")).to_contain_text("1 element")
        page.get_by_role("button", name="Insert block").click()
        page.get_by_role("dialog").get_by_role("button", name="Picket fence").click()
        expect(page.get_by_role("heading", name="picket")).to_be_visible()
        expect(page.get_by_role("slider", name="Pales: slider")).to_have_attribute("max", "60")
        shown(page)

        # An update that asks for more.
        house.publish(stamp("1.1.0", DEFINING, title=EVIL, grants=["define-blocks"]))
        page.get_by_role("button", name="Extensions").click()
        panel.get_by_role("button", name="Check for news").click()
        expect(card(here, "stamp").locator(".state")).to_have_text("Update available")
        page.screenshot(path=OUT / "vishwakarma-extensions.png")
        card(here, "stamp").get_by_role("button", name="Update to 1.1.0").click()
        asking = page.get_by_role("dialog", name="What may stamp do?")
        expect(asking).to_contain_text("define-blocks: leave scripts of blocks in the model")
        page.screenshot(path=OUT / "vishwakarma-consent.png")
        asking.get_by_role("button", name="Do not install").click()
        expect(card(here, "stamp")).to_contain_text("1.0.0")
        card(here, "stamp").get_by_role("button", name="Update to 1.1.0").click()
        asking.get_by_role("button", name="Allow and install").click()
        expect(card(here, "stamp")).to_contain_text("1.1.0")
        expect(card(here, "stamp")).to_contain_text("May: define-blocks")

        # Revoked: not loaded after a refresh, and the page says why.
        house.revoke("stamp", "1.1.0", "it draws <u>over</u> what others drew")
        panel.get_by_role("button", name="Check for news").click()
        expect(card(here, "stamp").locator(".state")).to_have_text("Revoked")
        expect(card(here, "stamp").locator(".reason")).to_contain_text(
            "stamp 1.1.0 is not loaded: its workshop revoked it (it draws <u>over</u> what others"
        )
        page.screenshot(path=OUT / "vishwakarma-revoked.png")
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Extensions").locator(".badge")).to_have_text("1")
        page.get_by_role("button", name="Run command").click()
        options = page.get_by_role("dialog").locator("option")
        assert EVIL not in options.all_text_contents()
        page.keyboard.press("Escape")

        page.get_by_role("button", name="Extensions").click()
        panel.get_by_role("button", name="Remove stamp").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
        expect(card(here, "stamp")).to_have_count(0)
        expect(here.locator(".card")).to_have_count(1)
        context.close()
    assert complaints == []


def test_pages_ask_for_nothing_else(house: Market) -> None:
    with serving(installed=house.installed) as server, page_without_browser(server.url) as page:
        assert page.refused("install", name="measure", workshop=house.url).startswith(
            "measure comes with the application"
        )
        assert "was not added" in page.refused("install", name="x", workshop="http://127.0.0.1:9")
        assert page.refused("install", name="../x", workshop=house.url).startswith("../x is")
        assert "is not installed" in page.refused("uninstall", name="array-copy")
        assert page.refused("upgrade", name="x", agreed="all").startswith("agreed: at most 64")
        assert page.refused("command", extension="dots-import", parameters={}).startswith(
            "there is no command 'dots-import'"
        )
        assert {one["name"] for one in page.ask("search", query="dots")["found"]} == {"dots-import"}
        taken = page.ask("install", name="dots-import", workshop=house.url)
        assert taken == {"name": "dots-import", "version": "1.0.0"}
        token = page.upload(b"1 2\n").json["file"]
        done = page.change("import", extension="dots-import", file=token, parameters={})
        assert done["created"] == 1
        # What is tampered with while the application runs is not run.

        for path in house.data.glob("*/client/bundles/*.zip"):
            path.write_bytes(path.read_bytes().replace(b"create_circle", b"create_sphere"))
        token = page.upload(b"1 2\n").json["file"]
        said = page.refused("import", extension="dots-import", file=token, parameters={})
        assert said.startswith("dots-import is not loaded, because it is not what was signed")
        assert page.state["elements"] == 1
        page.ask("uninstall", name="dots-import")
    with serving() as server, page_without_browser(server.url) as page:
        assert page.refused("search", query="") == "nothing can be installed into this one"


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: bundle("liar", "command", {"main": ""}, "function = 3"), "host.function"),
        (lambda: stamp(name="measure"), "comes with Vishwakarma"),
        (lambda: stamp(name="packed", packages=["numpy"]), "packages are lent to the"),
        (lambda: bundle("other", "driver", {"main": ""}, ""), "other 1.0.0 is a driver"),
    ],
)
def test_a_workshop_does_not_take_what_lies(house: Market, made, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(WorkshopRefused) as caught:
        house.workshop.submissions.submit(house.ada, made().pack())
    assert message in str(caught.value)


def test_a_workshop_refuses_what_fails_its_trial(house: Market) -> None:
    submissions = house.workshop.submissions
    broken = fences(
        name="ladders", block="ladder", source="def ladder(pales: int = 8):\n    import os"
    )
    for one, message in (
        (broken, "ladder, line 2, column 5: import is not allowed"),
        (stamp(name="broken", source="def stamp(text): return [][0]"), "IndexError"),
        (stamp(name="numbers", source="import numpy\ndef stamp(text): pass"), "does not ask for"),
    ):
        told = submissions.process(submissions.submit(house.ada, one.pack()).id)
        assert told.state == "refused" and message in told.reason


def test_the_command_line(
    house: Market,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "root.json").write_bytes(house.root)
    (tmp_path / "in.dots").write_text("1 2\n")
    write_document(tmp_path / "m.vk", Document())
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.chdir(tmp_path)

    def vishwakarma(*words: str, status: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["vishwakarma", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert (ended.value.code or 0) == status, said.err
        return said.out + said.err

    said = vishwakarma("import", "m.vk", "in.dots", status=1)
    assert said.startswith("vishwakarma: there is no importer for .dots; there are .dxf, .obj")
    said = vishwakarma("ext", "install", "dots-import", status=1)
    assert said.startswith("vishwakarma: no workshop was added; `vishwakarma ext add URL --root")
    said = vishwakarma("ext", "add", house.url, "--root", "root.json")
    assert said == f"{house.url}: added, and what it signed is verified\n"
    assert "dots-import             1.0.0     importer  Import dots\n" in vishwakarma(
        "ext", "search", "dots"
    )
    assert (
        vishwakarma("ext", "install", "dots-import") == "dots-import 1.0.0: installed, importer\n"
    )
    said = vishwakarma("import", "m.vk", "in.dots", "--engine", "native")
    assert said == "dots-import: 1 elements, on native\n"
    house.publish(dots("1.1.0", grants=["define-blocks"]))
    said = vishwakarma("ext", "update", status=1)
    assert said == (
        "vishwakarma: dots-import: dots-import 1.1.0 asks to define-blocks (leave scripts of "
        "blocks in the model, which run whenever it is open); nothing was installed. Who agrees "
        "adds --allow define-blocks\n"
    )
    said = vishwakarma("ext", "update", "--allow", "define-blocks")
    assert said == "dots-import 1.1.0: updated from 1.0.0\n"
    house.revoke("dots-import", "1.1.0", "a mistake")
    assert vishwakarma("ext", "refresh") == ""
    said = vishwakarma("ext", "list")
    assert said.splitlines()[:2] == [
        house.url,
        "dots-import             1.1.0               revoked",
    ]
    assert "its workshop revoked it (a mistake)" in said
    said = vishwakarma("import", "m.vk", "in.dots", status=1)
    assert said.startswith("vishwakarma: there is no importer for .dots; ")
    assert "dots-import 1.1.0 is not loaded: its workshop revoked it (a mistake)" in said
    said = vishwakarma("import", "m.vk", "in.dots", "--using", "dots-import", status=1)
    assert said.startswith("vishwakarma: dots-import 1.1.0 is not loaded: its workshop revoked")
    assert "dots-import 1.1.0 is not loaded" in vishwakarma("extensions")
    assert vishwakarma("ext", "remove", "dots-import") == "dots-import: removed\n"
