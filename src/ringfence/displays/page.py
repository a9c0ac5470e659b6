"""Displays as one HTML page that fetches nothing and runs nothing of the guest's.

Everything that the guest chose is in one of three places, each of which a browser confines:

- text is escaped;
- PNG, JPEG and SVG are ``<img>`` with a ``data:`` address, where SVG has neither scripts nor
  anything from outside (W3C, SVG Integration, "secure static mode");
- HTML is the ``srcdoc`` of an ``<iframe sandbox>`` that allows nothing: an origin of its own, no
  scripts, no forms, no windows, no way to move the page around it.

The page's Content-Security-Policy, which the frames inherit and repeat, admits images and styles
that are in the page itself and nothing else: what would be fetched is not.

No policy keeps a browser from connecting, and a name that is looked up can carry what the guest
knows: ``<link rel=preconnect>`` does it, and Chromium connects for a frame or a link before it asks
the policy whether it may go there. So the elements that lead elsewhere get names that mean nothing.
A start tag is ``<`` and its name, literally (HTML, 13.2.5.6 to 13.2.5.8), so none is overlooked.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Mapping

from ringfence.displays import media
from ringfence.errors import ConfigurationError
from ringfence.model import Display, KeptDisplays

__all__ = ["CONTENT_SECURITY_POLICY", "check_displays", "check_title", "displays_page"]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'"
)
"""The policy in the page. A service sends it as a header, too."""

_LONGEST_KIND = 100
_LEADS_ELSEWHERE = re.compile(
    r"<(?=(?:a|area|base|embed|fencedframe|form|frame|iframe|link|meta|object|portal)[\s/>])",
    re.IGNORECASE | re.ASCII,
)
_LINES = re.compile(r"<(?:tr|p|li|br|div|h[1-6])\b", re.IGNORECASE | re.ASCII)
_UNSEEN = re.compile(  # what is not drawn, or makes the text around it look like another one
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)
_META = (
    '<meta charset="utf-8">\n'
    f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_SECURITY_POLICY}">\n'
    '<meta http-equiv="x-dns-prefetch-control" content="off">\n'
    '<meta name="referrer" content="no-referrer">\n'
)
_STYLE = """
:root { color-scheme: light dark; --line: #d0d7de; --faint: #59636e; --paper: #f6f8fa; }
@media (prefers-color-scheme: dark) {
  :root { --line: #3d444d; --faint: #9198a1; --paper: #151b23; }
}
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
figure { margin: 1.5rem 0; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
figcaption { font-size: .8rem; color: var(--faint); background: var(--paper); padding: .4rem .8rem;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
img { display: block; max-width: 100%; margin: 0 auto; background: #fff; }
iframe { display: block; width: 100%; border: 0; background: #fff; resize: vertical;
  color-scheme: light; }
pre { margin: 0; padding: .8rem; overflow: auto; max-height: 40rem; font-size: .85rem;
  unicode-bidi: isolate; white-space: pre-wrap; overflow-wrap: anywhere; }
.note { color: var(--faint); }
"""
_FRAME_STYLE = (
    "<style>body { font: 14px/1.4 system-ui, sans-serif; margin: 12px; } table { border-collapse: "
    "collapse; } th, td { padding: 2px 10px; text-align: right; border-bottom: 1px solid #d0d7de; }"
    "</style>\n"
)


def displays_page(
    displays: Iterable[Display],
    *,
    title: str = "Displays",
    files: Mapping[int, Iterable[str]] | None = None,
) -> str:
    """One HTML page with everything in it: no scripts, nothing to fetch, nothing to run.

    Of each display the richest type is shown: PNG, JPEG, SVG, HTML, Markdown, LaTeX, JSON, text, in
    this order. What is not what its type says is named and not shown. HTML that needs scripts stays
    empty; its links lead nowhere.

    Serve it with the header ``Content-Type: text/html; charset=utf-8``, with
    ``Content-Security-Policy`` as the page has it, and with ``X-Content-Type-Options: nosniff``;
    from an origin of its own where you can.

    Args:
        displays: of a result (``result.displays``), of a sandbox (``box.displays``), or any others.
        title: the page's title; escaped.
        files: position of a display -> names of the files that hold it, for links.

    Returns:
        ASCII text, characters beyond it as references: no encoding can make it another page.

    Raises:
        ConfigurationError: an argument is something else.
    """
    check_title(title)
    shown = check_displays(displays)
    head = (
        f"<!doctype html>\n<html>\n<head>\n{_META}<title>{_escaped(title)}</title>\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{_escaped(title)}</h1>\n"
    )
    parts = [head]
    dropped = displays.dropped if isinstance(displays, KeptDisplays) else 0
    if dropped:
        parts.append(f'<p class="note">{dropped:,} older ones are no longer kept.</p>\n')
    if not shown:
        parts.append('<p class="note">Nothing was displayed.</p>\n')
    for number, display in enumerate(shown):
        parts.append(_figure(number, display, (files or {}).get(number, ())))
    parts.append("</body>\n</html>\n")
    return "".join(parts).encode("ascii", "xmlcharrefreplace").decode("ascii")


def check_displays(displays: object) -> tuple[Display, ...]:
    """The displays as they must be.

    Raises:
        ConfigurationError: they are something else.
    """
    found = tuple(displays) if isinstance(displays, Iterable) else (None,)
    if not all(isinstance(display, Display) for display in found):
        raise ConfigurationError(
            "displays must be Display objects: result.displays or box.displays"
        )
    return found


def check_title(title: object) -> None:
    """A title is text.

    Raises:
        ConfigurationError: it is something else.
    """
    if not isinstance(title, str):
        raise ConfigurationError(f"title={title!r} must be text")


def _escaped(text: str) -> str:
    return html.escape(_UNSEEN.sub(lambda match: ascii(match[0])[1:-1], media.as_text(text)))


def _figure(number: int, display: Display, files: Iterable[str]) -> str:
    data = display.data
    kind = next(
        (k for k in media.BY_RICHNESS if k in data and media.is_what_it_says(k, data[k])), None
    )
    told = "; ".join(_describe(k, content) for k, content in data.items())
    links = ", ".join(f'<a href="{_escaped(name)}">{_escaped(name)}</a>' for name in files)
    caption = f"{number + 1}: {told}" + (f" &mdash; {links}" if links else "")
    body = (
        '<pre class="note">nothing that can be shown</pre>'
        if kind is None
        else _body(number, kind, data[kind])
    )
    return f"<figure>\n<figcaption>{caption}</figcaption>\n{body}\n</figure>\n"


def _describe(kind: str, content: str | bytes) -> str:
    unit = "bytes" if isinstance(content, bytes) else "characters"
    text = f"{_escaped(kind[:_LONGEST_KIND])}, {len(content):,} {unit}"
    if kind in media.SUFFIXES and not media.is_what_it_says(kind, content):
        text += " (not what it says)"
    return text


def _body(number: int, kind: str, content: str | bytes) -> str:
    if kind.startswith("image/"):
        data = base64.b64encode(media.as_bytes(content)).decode("ascii")
        return f'<img alt="display {number + 1}" src="data:{kind};base64,{data}">'
    assert isinstance(content, str)
    if kind == "text/html":
        inert = _LEADS_ELSEWHERE.sub("<no-", media.as_text(content))
        document = f"<!doctype html>\n{_META}{_FRAME_STYLE}{inert}"
        height = min(30, 5 + 2 * len(_LINES.findall(content)))  # it cannot tell its own
        return (
            f'<iframe sandbox="" referrerpolicy="no-referrer" title="display {number + 1}" '
            f'style="height: {height}rem" '
            f'srcdoc="{html.escape(document)}"></iframe>'
        )
    return f"<pre>{_escaped(content)}</pre>"
