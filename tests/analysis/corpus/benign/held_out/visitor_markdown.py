# technique: none
# goal: a small Markdown to HTML, by a visitor chosen with getattr

import html
import re
from dataclasses import dataclass, field

_INLINE = [
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*(.+?)\*"), r"<em>\1</em>"),
    (re.compile(r"`(.+?)`"), r"<code>\1</code>"),
]


@dataclass
class Node:
    kind: str
    text: str = ""
    level: int = 0
    children: list["Node"] = field(default_factory=list)


def _blocks(text):
    """Nodes of a text, one a block."""
    items = None
    for chunk in re.split(r"\n\s*\n", text.strip()):
        if found := re.match(r"(#{1,6})\s+(.*)", chunk):
            items = None
            yield Node("heading", found[2], len(found[1]))
        elif chunk.startswith("- "):
            items = Node("list")
            items.children = [Node("item", line[2:]) for line in chunk.splitlines()]
            yield items
        elif chunk.startswith("    "):
            yield Node("code", "\n".join(line[4:] for line in chunk.splitlines()))
        else:
            yield Node("paragraph", " ".join(chunk.split()))


class Html:
    """Writes nodes as HTML; every kind of node has its method."""

    def write(self, node):
        method = getattr(self, f"write_{node.kind}", self.write_other)
        return method(node)

    def inline(self, text):
        text = html.escape(text, quote=False)
        for pattern, becomes in _INLINE:
            text = pattern.sub(becomes, text)
        return text

    def write_heading(self, node):
        return f"<h{node.level}>{self.inline(node.text)}</h{node.level}>"

    def write_paragraph(self, node):
        return f"<p>{self.inline(node.text)}</p>"

    def write_code(self, node):
        return f"<pre>{html.escape(node.text)}</pre>"

    def write_list(self, node):
        inside = "".join(map(self.write, node.children))
        return f"<ul>{inside}</ul>"

    def write_item(self, node):
        return f"<li>{self.inline(node.text)}</li>"

    def write_other(self, node):
        return f"<!-- {html.escape(node.kind)} -->"


def to_html(text):
    writer = Html()
    return "\n".join(writer.write(node) for node in _blocks(text))


def outline(text):
    return [(node.level, node.text) for node in _blocks(text) if node.kind == "heading"]
