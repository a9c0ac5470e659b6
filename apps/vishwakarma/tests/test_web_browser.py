"""The web application in a real browser: Debian's chromium, driven by Playwright."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from apps.vishwakarma.tests.web_client import page as page_without_browser
from apps.vishwakarma.tests.web_client import serving
from vishwakarma_api.v1 import shapes
from vishwakarma_app import blocks
from vishwakarma_app.document import Document
from vishwakarma_app.extensions import run_extension, shipped
from vishwakarma_app.storage import read_document, write_document

CHROMIUM = shutil.which("chromium")
REQUIRED = os.environ.get("VISHWAKARMA_REQUIRE_BROWSER") == "1"
OUT = Path(__file__).resolve().parents[3] / "tests" / "out"
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--enable-unsafe-swiftshader",  # WebGL without a graphics card
    "--no-first-run",
    "--use-angle=swiftshader",
]
BROKEN = "def broken(n: int = 3):\n    for i in range(n):\n        line(0, 0, i, 1)\n    line(1 / (n - 3), 0, 1, 1)\n"
OBJ = "o <b>roof</b>\nv 0 0 5\nv 4 0 5\nv 4 4 6\nv 0 4 6\nf 1 2 3 4\n"

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not REQUIRED,
    reason="there is no chromium here; as root, scripts/browser.py installs Debian's",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=20_000)
    OUT.mkdir(exist_ok=True)
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM or "chromium", args=flags)
        yield browser
        browser.close()


def model(path: Path) -> Path:
    document = Document("m")
    blocks.insert(document, "staircase", parameters={"steps": 10})
    with document.transaction("walls") as edit:
        edit.set_layer("<b>walls</b>", color=0xB04030FF)
        edit.create(shapes.Cuboid3D(0, 3, 0, 4, 0.3, 2.5), layer="<b>walls</b>")
        edit.set_block("broken", BROKEN)
        edit.create(shapes.BlockInstance("broken", {}))
    write_document(path, document)
    return path


@pytest.fixture
def url() -> Iterator[str]:
    with serving() as server:
        yield server.url


@pytest.fixture
def page(browser: Browser, url: str, tmp_path: Path) -> Iterator[Page]:
    """A page with the model open, through the file picker; it may not complain about anything."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    context.set_default_timeout(20_000)
    found = context.new_page()
    complaints: list[str] = []
    found.on("console", lambda said: complaints.append(said.text))
    found.on("pageerror", lambda error: complaints.append(str(error)))
    found.on(
        "filechooser", lambda _: None
    )  # else a native one may open between two that are expected
    found.goto(url)
    expect(found.locator(".title")).to_have_text("untitled.vk")
    with found.expect_file_chooser() as choosing:
        found.get_by_role("button", name="Open").click()
    choosing.value.set_files(model(tmp_path / "house.vk"))
    expect(found.locator(".title")).to_have_text("house.vk")
    expect(found.locator(".failed li")).to_have_count(1)
    shown(found)
    yield found
    context.close()
    assert complaints == []


def shown(page: Page) -> None:
    """Wait until the newest frame is drawn."""
    canvas = page.locator("#solid")
    expect(page.locator("#activity")).to_be_hidden()
    expect(canvas).to_have_attribute("data-current", "yes")


def vertices(page: Page) -> int:
    return int(page.locator("#solid").get_attribute("data-vertices") or 0)


def picture(page: Page) -> bytes:
    return page.locator("#solid").screenshot()


def select_staircase(page: Page) -> None:
    page.locator("#solid").focus()
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="staircase")).to_be_visible()


def test_a_slider_changes_the_block_while_it_moves(page: Page) -> None:
    select_staircase(page)
    size = page.locator('[data-fact="Size"]')
    expect(size).to_have_text("2.8 \u00d7 1.2 \u00d7 2.65 m")
    before, count = picture(page), vertices(page)
    slider = page.get_by_role("slider", name="Steps: slider")
    box = slider.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.95, box["y"] + box["height"] / 2, steps=12)
    expect(size).not_to_have_text("2.8 \u00d7 1.2 \u00d7 2.65 m")  # it is still held
    page.mouse.up()
    steps = int(slider.input_value())
    assert steps > 20
    expect(size).to_have_text(
        f"{round(0.28 * steps, 6):g} \u00d7 1.2 \u00d7 {round(0.175 * steps + 0.9, 6):g} m"
    )
    expect(page.locator("#solid")).to_have_attribute(
        "data-vertices", str(count + (steps - 10) * 60)
    )
    expect(page.locator("#solid")).to_have_attribute("data-pieces", "1")
    shown(page)
    assert picture(page) != before
    page.screenshot(path=OUT / "vishwakarma-slider.png")
    page.get_by_role("button", name="Undo: change staircase").click()
    expect(size).to_have_text("2.8 \u00d7 1.2 \u00d7 2.65 m")  # all of the drag, at once
    expect(slider).to_have_value("10")
    expect(page.locator("#solid")).to_have_attribute("data-vertices", str(count))
    shown(page)
    field = page.get_by_role("spinbutton", name="Steps")
    field.fill("11")
    field.press("Enter")
    expect(size).to_have_text("3.08 \u00d7 1.2 \u00d7 2.825 m")
    field.fill("0")
    field.press("Enter")
    expect(page.locator(".failed li")).to_have_count(2)


def test_import_and_export_through_the_file_pickers(page: Page, tmp_path: Path) -> None:
    (tmp_path / "roof.obj").write_text(OBJ)
    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="Import").click()
    choosing.value.set_files(tmp_path / "roof.obj")
    page.get_by_label("Scale").fill("2")
    page.get_by_role("dialog").get_by_role("button", name="Import").click()
    expect(page.locator("#messages")).to_contain_text("2 elements imported from roof.obj.")
    expect(page.locator("#status")).to_contain_text("5 elements")
    page.get_by_role("button", name="Export").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What to run").select_option("Export SVG (.svg)")
    dialog.get_by_label("View").fill("isometric")
    with page.expect_download() as downloading:
        dialog.get_by_role("button", name="Export").click()
    assert downloading.value.suggested_filename == "house.svg"
    exported = Path(downloading.value.path()).read_bytes()
    with page.expect_download() as downloading:
        page.keyboard.press("Control+s")
    document = read_document(downloading.value.path())
    assert [one.kind for one in document] == ["block", "cuboid", "block", "group", "mesh"]
    mesh = document[5].shape
    assert isinstance(mesh, shapes.Mesh3D) and max(mesh.vertices) == (8, 8, 12)
    expected = tmp_path / "expected.svg"
    with blocks.BlockRunner(document, engine="native") as runner, expected.open("wb") as target:
        runner.evaluate()
        run_extension(
            document,
            shipped()["svg-export"],
            target=target,
            parameters={"view": "isometric"},
            engine="native",
        )
    assert exported == expected.read_bytes()
    expect(page.locator(".title")).to_have_text("house.vk")


def test_a_click_selects_and_a_command_runs_on_it(page: Page) -> None:
    page.get_by_role("button", name="Plan").click()
    shown(page)
    canvas = page.locator("#solid")
    box = canvas.bounding_box()
    assert box is not None
    # In the plan the wall is the upper part of what there is, fitted into the view.
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.135)
    expect(page.get_by_role("heading", name="cuboid")).to_be_visible()
    expect(page.locator("#status")).to_contain_text("1 selected")
    page.get_by_role("button", name="Run command").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It works on the selection: 1 element.")
    dialog.get_by_label("Rows").fill("2.5")
    dialog.get_by_role("button", name="Run").click()
    expect(dialog.get_by_role("alert")).to_have_text("rows: a whole number was expected")
    dialog.get_by_label("Rows").fill("2")
    dialog.get_by_role("button", name="Run").click()
    expect(page.locator("#messages")).to_contain_text("Done: 5 created.")
    expect(page.locator("#status")).to_contain_text("8 elements")
    page.keyboard.press("Control+z")
    expect(page.locator("#status")).to_contain_text("3 elements")
    page.get_by_role("button", name="Hide layer <b>walls</b>").click()
    expect(page.get_by_role("button", name="Show layer <b>walls</b>")).to_be_visible()
    assert page.locator("b").count() == 0  # names are text
    page.locator("#solid").focus()
    page.keyboard.press("Delete")
    expect(page.locator("#status")).to_contain_text("2 elements")


def test_a_failed_block_shows_its_line(page: Page) -> None:
    entry = page.locator(".failed li button")
    expect(entry).to_contain_text("line 4")
    expect(entry).to_contain_text("ZeroDivisionError: division by zero")
    entry.click()
    dialog = page.get_by_role("dialog", name="broken")
    expect(dialog.locator("li[aria-current]")).to_have_text("    line(1 / (n - 3), 0, 1, 1)")
    expect(dialog.locator(".script li")).to_have_count(5)
    page.screenshot(path=OUT / "vishwakarma-failed.png")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("heading", name="broken")).to_be_visible()
    field = page.get_by_role("spinbutton", name="N", exact=True)
    field.fill("5")
    field.press("Enter")
    expect(page.locator(".failed li")).to_have_count(0)
    expect(page.get_by_text("No block fails.")).to_be_visible()


def test_turning_zooming_and_inserting(page: Page) -> None:
    pictures = {picture(page)}
    canvas = page.locator("#solid")
    box = canvas.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 90, middle[1] - 30, steps=4)
    page.mouse.up()
    pictures.add(picture(page))
    page.mouse.wheel(0, -300)
    pictures.add(picture(page))
    page.keyboard.press("ArrowLeft")
    pictures.add(picture(page))
    page.keyboard.press("1")
    expect(page.get_by_role("button", name="Plan")).to_have_attribute("aria-pressed", "true")
    pictures.add(picture(page))
    assert len(pictures) == 5
    page.get_by_role("button", name="Insert block").click()
    dialog = page.get_by_role("dialog", name="Insert a block")
    assert dialog.locator(".library button").count() == len(blocks.LIBRARY)
    dialog.get_by_role("button", name=blocks.LIBRARY["bolt_circle"].title).click()
    expect(page.get_by_role("heading", name="bolt_circle")).to_be_visible()
    expect(page.locator("#status")).to_contain_text("4 elements")


def test_what_is_refused_is_said_in_words(page: Page, tmp_path: Path) -> None:
    (tmp_path / "<i>evil.vk").write_bytes(b"evil")
    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="Open").click()
    choosing.value.set_files(tmp_path / "<i>evil.vk")
    expect(page.get_by_role("alert")).to_contain_text("<i>evil.vk: this is no Vishwakarma file")
    expect(page.locator(".title")).to_have_text("house.vk")
    page.locator("#solid").focus()
    page.keyboard.press("n")
    page.keyboard.press("Delete")
    expect(page.locator(".title")).to_have_text("house.vk •")
    with page.expect_file_chooser() as choosing:
        page.keyboard.press("Control+o")
    choosing.value.set_files(tmp_path / "house.vk")
    page.get_by_role("button", name="Keep working").click()
    expect(page.locator("#status")).to_contain_text("2 elements")
    with page.expect_file_chooser() as choosing:
        page.keyboard.press("Control+o")
    choosing.value.set_files(tmp_path / "house.vk")
    page.get_by_role("button", name="Leave without saving").click()
    expect(page.locator("#status")).to_contain_text("3 elements")


def test_closing_the_page_cancels_its_run(page: Page, url: str) -> None:
    with page_without_browser(url) as watching:
        page.get_by_role("button", name="Run command").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("What to run").select_option("Never finish")
        dialog.get_by_role("button", name="Run").click()
        activity = page.get_by_role("status")
        expect(activity).to_contain_text("still <b>going</b>")
        expect(activity.get_by_role("progressbar")).to_have_attribute("value", "0.25")
        page.screenshot(path=OUT / "vishwakarma-running.png")
        watching.until(lambda: watching.activity is not None and watching.activity["message"])
        page.close()
        watching.until(lambda: watching.activity is None)
        assert watching.state["elements"] == 3


def test_a_run_is_cancelled_with_its_button(page: Page) -> None:
    page.get_by_role("button", name="Run command").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What to run").select_option("Never finish")
    dialog.get_by_role("button", name="Run").click()
    expect(page.get_by_role("status")).to_contain_text("still")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("slow was cancelled")
    expect(page.locator("#status")).to_contain_text("3 elements")
    expect(page.get_by_role("status")).to_be_hidden()


def test_a_person_is_told_when_the_application_has_ended(browser: Browser) -> None:
    with serving() as server:
        page = browser.new_page()
        page.goto(server.url)
        expect(page.locator("#empty")).to_be_visible()
        thread = threading.Thread(target=server.stop)
        thread.start()
        expect(page.get_by_role("dialog", name="The connection has ended")).to_be_visible()
        thread.join()
        page.close()
