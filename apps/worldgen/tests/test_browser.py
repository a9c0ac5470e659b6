"""The page in a real browser: Debian's chromium, driven by Playwright."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright

from apps.worldgen.tests.samples import TRAP, bundle, files
from worldgen.atlas import Atlas
from worldgen.catalogue import Catalogue
from worldgen.chains import Settings
from worldgen.web import Server

CHROMIUM = shutil.which("chromium")
REQUIRED = os.environ.get("WORLDGEN_REQUIRE_BROWSER") == "1"
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
PAYLOADS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>", "<a href=javascript:alert(1)>here</a>",
    '" onmouseover="alert(1)" x="', "'><details open ontoggle=alert(1)>", "</textarea></title></style><script>alert(1)</script>",
    "<img src=//evil.example/beacon>", "<link rel=stylesheet href=//evil.example/x.css>",
    '<math><mi//xlink:href="data:x,<script>alert(1)</script>">', "<body onload=alert(1)>", "<base href=//evil.example/>",
    "<form action=//evil.example><button>go</button></form>", "{{constructor.constructor('alert(1)')()}}", "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<object data=javascript:alert(1)>", "<meta http-equiv=refresh content='0;url=//evil.example'>", "<style>*{background:url(//evil.example)}</style>",
)  # fmt: skip

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not REQUIRED,
    reason="there is no chromium here; as root, scripts/browser.py installs Debian's",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=40_000)
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM or "chromium", args=flags)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A page; it may not complain, ask for anything elsewhere, or open a dialog."""
    context = browser.new_context(viewport={"width": 780, "height": 420})
    context.set_default_timeout(40_000)
    found = context.new_page()
    complaints: list[str] = []

    def refused(dialog: Dialog) -> None:
        complaints.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    origin = server.url.rsplit("/", 2)[0]
    # What is refused on purpose is an answer of the server's, which the browser mentions.
    found.on(
        "console",
        lambda said: None if "status of 422" in said.text else complaints.append(said.text),
    )
    found.on("pageerror", lambda error: complaints.append(str(error)))
    found.on("dialog", refused)
    context.on(
        "request",
        lambda request: None if request.url.startswith(origin) else complaints.append(request.url),
    )
    context.on("page", lambda other: complaints.append(f"a page {other.url}"))
    found.goto(server.url)
    yield found
    context.close()
    assert complaints == []


def drawn(page: Page) -> None:
    """Wait until the map is drawn, and its plugins have been asked how they are."""
    expect(page.locator("#map")).to_have_attribute("data-drawn", "yes")
    expect(page.locator("#drawing")).to_be_hidden()


def write_source(page: Page, told: dict[str, str]) -> None:
    """Put a plugin's manifest and module into the editor, as a person would who pastes them."""
    editor = page.locator("#editor")
    for tab, text in (("hills.py", told["main.py"]), ("plugin.toml", told["plugin.toml"])):
        editor.get_by_role("tab", name=tab).click()
        editor.get_by_label("Source").fill(text.replace('entry = "main"', 'entry = "hills"'))


def test_a_world_is_made_changed_explored_and_attacked(page: Page, out: Path) -> None:
    # Create a world with three plugins.
    page.get_by_role("button", name="New world").first.click()
    maker = page.get_by_role("dialog")
    maker.get_by_label("Name").fill("Story <i>of</i> a world")
    maker.get_by_label("Seed", exact=True).fill("7")
    boxes = maker.get_by_role("checkbox")
    for at in range(boxes.count()):
        boxes.nth(at).uncheck()
    for title in ("Ridged mountains", "Rivers", "Biomes"):
        maker.get_by_role("checkbox", name=title).check()
    maker.get_by_role("button", name="Create").click()
    drawn(page)
    cards = page.locator("#links > li")
    expect(cards).to_have_count(3)
    expect(page.locator("#worlds")).to_contain_text("Story <i>of</i> a world")
    page.screenshot(path=out / "worldgen-world.png")
    # Pan and zoom.
    place = page.locator("#place")
    expect(place).to_contain_text("4.096 km a pixel")
    before = page.locator("#map").screenshot()
    page.get_by_role("button", name="Zoom in").click()
    expect(place).to_contain_text("2.048 km a pixel")
    drawn(page)
    box = page.locator("#map").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 120, middle[1] + 60, steps=5)
    page.mouse.up()
    expect(place).not_to_contain_text("0 km E, 0 km S")
    drawn(page)
    assert page.locator("#map").screenshot() != before
    page.screenshot(path=out / "worldgen-zoomed.png")
    page.get_by_role("button", name="Zoom out").click()
    # Edit a plugin of somebody else's, and upload it as one's own.
    page.get_by_role("button", name="Edit Rivers").click()
    editor = page.get_by_role("dialog", name="A plugin of yours, from rivers")
    source = editor.get_by_label("Source")
    assert "def water" in source.input_value()
    source.fill(
        source.input_value()
        + "\n\ndef hollow(x, y, seed, elevation, hollow):\n    return np.where(elevation > 3000.0, 1.0, hollow)\n"
    )
    editor.get_by_role("tab", name="plugin.toml").click()
    assert 'name = "my-rivers"' in source.input_value()
    editor.get_by_role("button", name="Upload").click()
    expect(editor.locator(".submission")).to_have_attribute("data-state", "published")
    expect(editor.get_by_role("region", name="Trial")).to_contain_text("Passed")
    page.screenshot(path=out / "worldgen-published.png")
    editor.get_by_role("button", name="Add to this world").click()
    # It is a preview until it is kept; the two are compared side by side.
    preview = page.get_by_role("region", name="Preview")
    expect(preview).to_contain_text("The world is as it was until you keep this.")
    expect(cards).to_have_count(4)
    drawn(page)
    page.get_by_label("Compare before and after").fill("50")
    page.screenshot(path=out / "worldgen-preview.png")
    preview.get_by_role("button", name="Discard").click()
    expect(preview).to_be_hidden()
    expect(cards).to_have_count(3)
    # A parameter's slider is a preview too.
    page.locator('.link-card[data-plugin="biomes"] summary').click()
    slider = page.get_by_role("slider", name="rain")
    slider.fill("1")
    expect(preview).to_be_visible()
    page.get_by_role("button", name="Keep").click()
    expect(preview).to_be_hidden()
    drawn(page)
    expect(page.get_by_role("slider", name="rain")).to_have_value("1")


def test_a_hostile_plugin_is_refused_or_contained_and_the_page_says_how(
    page: Page, atlas: Atlas, out: Path
) -> None:
    world = atlas.create("Under attack", Settings(3), atlas.chain([("islands", "", {})], None))
    page.reload()
    page.get_by_label("World", exact=True).select_option(label="Under attack")
    page.get_by_role("button", name="Write a plugin").click()
    editor = page.get_by_role("dialog", name="A plugin of yours")
    # Refused: the analysis says what, where, and what to do.
    write_source(
        page,
        files("page-thief", "import os\n    os.system('curl evil.example')\n    return elevation"),
    )
    editor.get_by_role("button", name="Check").click()
    expect(editor.get_by_role("region", name="Analysis")).to_contain_text("Refused")
    editor.get_by_role("button", name="Upload").click()
    expect(editor.locator(".submission")).to_have_attribute("data-state", "refused")
    finding = editor.locator(".finding").first
    expect(finding).to_contain_text("RF")
    finding.get_by_role("button").click()
    selected = editor.get_by_label("Source").evaluate(
        "one => one.value.slice(one.selectionStart, one.selectionEnd)"
    )
    assert "os" in selected
    page.screenshot(path=out / "worldgen-refused.png")
    # Held back: a person decides, now or later.
    write_source(page, files("page-odd", "names = globals()\n    return elevation"))
    editor.get_by_role("button", name="Upload").click()
    expect(editor.locator(".submission")).to_have_attribute("data-state", "in-review")
    editor.get_by_role("button", name="Close the editor").click()
    waiting = page.locator("#waiting")
    expect(waiting).to_contain_text("page-odd 1.0.0")
    waiting.get_by_role("button", name="Refuse").click()
    expect(waiting).to_be_hidden()
    page.get_by_role("button", name="Write a plugin").click()
    # Contained: it looks harmless, is published, and hangs on the first tile.
    write_source(page, files("page-trap", TRAP, title="Patient coasts"))
    editor.get_by_role("button", name="Upload").click()
    expect(editor.locator(".submission")).to_have_attribute("data-state", "published")
    editor.get_by_role("button", name="Add to this world").click()
    drawn(page)
    card = page.locator('.link-card[data-plugin="page-trap"]')
    expect(card.locator(".quarantine")).to_contain_text("limit")
    expect(page.locator("#failures")).to_contain_text("page-trap")
    page.screenshot(path=out / "worldgen-quarantine.png")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("region", name="Preview")).to_be_hidden()
    atlas.catalogue.withdraw("page-trap", "1.0.0", "it <b>never</b> ends", revoke=True)
    page.reload()
    page.get_by_label("World", exact=True).select_option(label="Under attack")
    expect(page.locator('.link-card[data-plugin="page-trap"] .note')).to_contain_text(
        "it <b>never</b> ends"
    )
    assert [link.name for link in atlas.worlds.get(world.id).chain] == ["islands", "page-trap"]
    page.set_viewport_size({"width": 390, "height": 780})
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.screenshot(path=out / "worldgen-phone.png", full_page=True)


def test_what_strangers_write_is_shown_as_text(
    page: Page, atlas: Atlas, catalogue: Catalogue, out: Path
) -> None:
    text, bidi = " ".join(PAYLOADS), "\u202egnp.elif\u2066\x1b[2J\u0000"
    title = "".join(PAYLOADS[:4])
    more = "\n".join(
        [
            "", "[parameters.power]", 'type = "float"', "default = 1.0", "low = 0.0", "high = 2.0",
            f"unit = {json.dumps(PAYLOADS[1])}", f"help = {json.dumps(text)}",
            "[parameters.choice]", 'type = "str"', f"default = {json.dumps(PAYLOADS[0])}",
            f"choices = {json.dumps(list(PAYLOADS))}", f"help = {json.dumps(PAYLOADS[4])}",
        ]
    )  # fmt: skip
    raises = (
        f"if len(elevation) > 200:\n        raise ValueError({text + bidi!a})\n    return elevation"
    )
    told = files("markup", raises, more=more)
    told["plugin.toml"] = told["plugin.toml"].replace(
        'author = "tester"',
        f"author = {json.dumps(PAYLOADS[1])}\ntitle = {json.dumps(title)}\ndescription = {json.dumps(text)}",
    )
    published = catalogue.submit(
        type(bundle("x")).of_files({name: one.encode() for name, one in told.items()})
    )
    assert published.state == "published", published.reason
    atlas.create(
        f"{PAYLOADS[1]}{PAYLOADS[2]}", Settings(3), atlas.chain([("markup", "", {})], None)
    )
    page.reload()
    page.get_by_label("World", exact=True).select_option(label=f"{PAYLOADS[1]}{PAYLOADS[2]}")
    drawn(page)
    card = page.locator('.link-card[data-plugin="markup"]')
    expect(card.locator("strong").first).to_have_text(title)
    card.locator("summary").click()
    for payload in PAYLOADS:
        expect(card).to_contain_text(payload)
        expect(page.locator('.offer[data-plugin="markup"]')).to_contain_text(payload)
    failure = page.locator("#failures")
    expect(failure).to_contain_text(PAYLOADS[0])
    expect(failure).to_contain_text("[U+202E]gnp.elif[U+2066]")
    failure.locator("summary").first.click()
    page.screenshot(path=out / "worldgen-markup.png")
    # Findings quote the source; so do names of files and errors.
    page.get_by_role("button", name="Write a plugin").click()
    editor = page.get_by_role("dialog", name="A plugin of yours")
    quoted = "".join(PAYLOADS[:3])
    write_source(
        page,
        files(
            "quoting",
            f"getattr(np, {quoted!r} + '\u202e')\n    __import__({quoted!r})\n    eval({quoted!r})\n    return elevation",
        ),
    )
    editor.get_by_role("button", name="Check").click()
    expect(editor.locator(".finding").first).to_be_visible()
    editor.get_by_role("tab", name="plugin.toml").click()
    editor.get_by_label("Source").fill(f"[plugin]\n{json.dumps(quoted)} = 1\n")
    editor.get_by_role("button", name="Upload").click()
    expect(editor.locator(".reason")).to_contain_text("plugin.toml")
    page.screenshot(path=out / "worldgen-markup-editor.png")
    counts = page.evaluate(
        "Object.fromEntries(['script','iframe','svg','a','link','object','form','base','math','style','meta','body','i','b','img:not(.leaflet-tile)']"
        ".map(one => [one, document.querySelectorAll(one).length]))"
    )
    assert counts == {
        "script": 3, "iframe": 0, "svg": 0, "a": 0, "link": 3, "object": 0, "form": 0, "base": 0, "math": 0,
        "style": 0, "meta": 2, "body": 1, "i": 0, "b": 0, "img:not(.leaflet-tile)": 1,
    }  # fmt: skip
    handlers = page.evaluate(
        "[...document.querySelectorAll('*')].filter(one => [...one.attributes].some(it => it.name.startsWith('on') || /^javascript:/.test(it.value))).length"
    )
    assert handlers == 0


def test_the_page_says_when_the_server_is_gone(browser: Browser, atlas: Atlas) -> None:
    import threading

    server, ready = Server(atlas), threading.Event()
    thread = threading.Thread(target=server.serve, args=(ready.set,))
    thread.start()
    ready.wait()
    page = browser.new_page()
    page.goto(server.url)
    expect(page.locator("#offers > li").first).to_be_attached()
    server.stop()
    thread.join()
    page.get_by_role("button", name="New world").first.click()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    page.close()
