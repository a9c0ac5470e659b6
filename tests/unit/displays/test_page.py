"""The page: what the guest chose is escaped or confined, for every character.

That a browser agrees is shown in tests/attacks/test_displays_page.py.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

import ringfence
from ringfence import ConfigurationError, Display
from ringfence.displays.page import CONTENT_SECURITY_POLICY

PNG = b"\x89PNG\r\n\x1a\nrest"
ATTACK = "\"'></pre></iframe><script>alert(1)</script><img src=x onerror=alert(1)>&quot;&#62;"
OURS = {
    "html", "head", "meta", "title", "style", "body", "h1", "p", "figure", "figcaption", "pre",
    "img", "iframe", "a",
}  # fmt: skip


class Seen(HTMLParser):
    """The start tags of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page_of(data: dict[str, Any]) -> Seen:
    return Seen(ringfence.displays_page([Display(data)]))


@pytest.mark.parametrize(
    "data",
    [
        {"text/plain": ATTACK}, {"text/html": ATTACK}, {"image/svg+xml": ATTACK},
        {"text/markdown": ATTACK}, {"text/latex": ATTACK}, {"application/json": ATTACK},
        {ATTACK: ATTACK}, {ATTACK: ATTACK.encode()}, {"image/png": ATTACK.encode()},
    ],
    ids=str,
)  # fmt: skip
def test_only_our_elements_are_in_the_page(data: dict[str, Any]) -> None:
    seen = page_of(data)
    assert {tag for tag, _ in seen.tags} <= OURS
    assert not [name for _, attributes in seen.tags for name in attributes if name.startswith("on")]


def test_the_policy_is_the_first_thing_that_counts() -> None:
    page = ringfence.displays_page([])
    assert page.index("Content-Security-Policy") < page.index("<title>")
    (policy,) = [
        a["content"] for a in Seen(page).all("meta") if "Policy" in (a.get("http-equiv") or "")
    ]
    assert policy == CONTENT_SECURITY_POLICY
    assert "script-src" not in policy
    assert policy.startswith("default-src 'none';")


def test_html_is_in_a_frame_that_allows_nothing() -> None:
    (frame,) = page_of({"text/html": "<b>bold</b>", "text/plain": "plain"}).all("iframe")
    assert frame["sandbox"] == ""
    assert set(frame) == {"sandbox", "referrerpolicy", "title", "style", "srcdoc"}
    inside = Seen(frame["srcdoc"] or "")
    assert [a for a in inside.all("meta") if a.get("content") == CONTENT_SECURITY_POLICY]
    assert inside.all("b") == [{}]


@pytest.mark.parametrize(
    "tag",
    [
        "a",
        "area",
        "base",
        "embed",
        "fencedframe",
        "form",
        "frame",
        "iframe",
        "link",
        "meta",
        "object",
        "portal",
    ],
)
def test_elements_that_lead_elsewhere_have_another_name(tag: str) -> None:
    for end in (" x>", ">", "/>", "\n>", "\t>", "\f>", "\r>"):
        for name in (tag, tag.upper(), tag.title()):
            (frame,) = page_of({"text/html": f"<p>{'<'}{name}{end}"}).all("iframe")
            document = (frame["srcdoc"] or "").partition("<p>")[2].lower()
            assert document == f"<no-{tag}{end}"


def test_elements_of_longer_names_stay() -> None:
    html = "<abbr>a</abbr><article>b</article><frames><b>c</b>"
    (frame,) = page_of({"text/html": html}).all("iframe")
    assert (frame["srcdoc"] or "").endswith(html)


@pytest.mark.parametrize(
    ("data", "tag"),
    [
        ({"text/plain": "x", "text/html": "h", "image/svg+xml": "s", "image/png": PNG}, "img"),
        ({"text/plain": "x", "text/html": "h", "image/svg+xml": "<svg/>"}, "img"),
        ({"text/plain": "x", "text/html": "h"}, "iframe"),
        ({"text/plain": "x", "text/html": "h", "image/png": b"no"}, "iframe"),
        ({"text/plain": "x", "application/x": "y"}, "pre"),
        ({"application/x": "y"}, "pre"),
    ],
)
def test_the_richest_that_is_what_it_says_is_shown(data: dict[str, Any], tag: str) -> None:
    seen = page_of(data)
    assert [name for name, _ in seen.tags if name in ("img", "iframe", "pre")] == [tag]


def test_images_carry_the_type_that_was_checked() -> None:
    (image,) = page_of({"image/png": PNG}).all("img")
    assert image["src"] == "data:image/png;base64,iVBORw0KGgpyZXN0"
    assert "image/png, 4 bytes (not what it says)" in "".join(page_of({"image/png": b"text"}).text)


def test_no_encoding_makes_it_another_page() -> None:
    text = "äöü 日本 \U0001f600 \ud800 +ADw-script+AD4-"
    page = ringfence.displays_page(
        [Display({"text/plain": text}), Display({"text/html": text})], title=text
    )
    assert page.isascii()
    seen = Seen(page)
    assert (
        "".join(seen.text).count("äöü 日本 \U0001f600 ? +ADw-script+AD4-") == 3
    )  # title, heading, text
    assert "äöü 日本" in (seen.all("iframe")[0]["srcdoc"] or "")


def test_text_that_would_look_like_another_is_written_out() -> None:
    seen = page_of({"text/plain": "a\u202eb\x00\x1b[2Jc\td\n\u2066e"})
    assert "a\\u202eb\\x00\\x1b[2Jc\td\n\\u2066e" in seen.text


@pytest.mark.parametrize("argument", [5, None, [5], ["x"], "x", {"a": 1}])
def test_wrong_displays(argument: Any) -> None:
    with pytest.raises(ConfigurationError, match="displays must be Display objects"):
        ringfence.displays_page(argument)


def test_a_million_tags_are_quick_and_the_frame_bounded() -> None:
    page = ringfence.displays_page([Display({"text/html": "<li<tr" * 500_000})])
    assert re.search(r"height: 30rem", page)
