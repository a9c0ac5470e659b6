"""docs/troubleshooting.md against the code: every message of the native engine, both ways."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.docs.documents import ROOT

PAGE = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
SOURCE = ROOT / "src"
FOLDERS = (SOURCE / "ringfence/_engines/native", SOURCE / "ringfence/zygote")
ERRORS = frozenset(
    {"ConfigurationError", "PackageNotAvailable", "InterpreterNotUsable", "PolicyNotEnforceable",
     "EngineFailure", "StartFailed", "RuntimeError"}
)  # fmt: skip

INTERNAL = {
    "native: …": "the reason follows, which is a line of its own",
}


def text_of(node: ast.expr, names: dict[str, str]) -> str:
    """A message as the code has it, with ``…`` for what it puts in."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.JoinedStr(values=values):
            return "".join(text_of(value, names) for value in values)
        case ast.FormattedValue(value=value):
            return text_of(value, names)
        case ast.Call(func=ast.Attribute(attr="_install"), args=_):
            return "Install it with: … -m pip install …"
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return text_of(left, names) + text_of(right, names)
        case _:
            return "…"


def normal(text: str) -> str:
    """One line; what is put in at the end may be anything, also nothing."""
    text = " ".join(text.split())
    return re.sub(r"…[…\s]*…", "…", text)


def constants_of(tree: ast.Module) -> dict[str, str]:
    """The module's own texts, such as ``_ADVICE``."""
    found: dict[str, str] = {}
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if isinstance(value, ast.Constant | ast.JoinedStr):
                found[name] = text_of(value, found)
    return found


def messages_in(path: Path) -> Iterator[str]:
    """Every message with which an error is made, or a limit is refused."""
    tree = ast.parse(path.read_text("utf-8"))
    names = {n: t for n, t in constants_of(tree).items() if "path of a CPython" not in t}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="StartFailed"), args=[_, _, text, *_]):
                yield text_of(text, names)
            case ast.Call(func=ast.Name(id=name), args=[text, *_]) if name in ERRORS:
                yield text_of(text, names)
            case ast.FunctionDef(name="unenforceable" | "_missing") as function:
                for inner in ast.walk(function):
                    if isinstance(inner, ast.Return) and inner.value is not None:
                        yield text_of(inner.value, names)
            case ast.Call(func=ast.Attribute(attr="__init__"), args=[ast.JoinedStr() as text]):
                yield text_of(text, names)


def in_code() -> set[str]:
    found = {
        normal(message)
        for folder in FOLDERS
        for path in sorted(folder.glob("*.py"))
        if path.name not in ("elf.py", "shared_libraries.py")
        for message in messages_in(path)
    }
    return found - {"…", "None"} - set(INTERNAL)


def documented() -> set[str]:
    found = set()
    for heading in (
        "Requests that are refused",
        "The interpreter",
        "Packages",
        "The machine ran out of something",
    ):
        section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
        found |= {normal(m) for m in re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)}
    return found


def test_every_message_of_the_engine_is_explained() -> None:
    assert sorted(in_code() - documented()) == []


def test_every_message_on_the_page_is_one_of_the_engine() -> None:
    assert sorted(documented() - in_code()) == []


def test_every_refusal_of_a_saved_state_is_explained() -> None:
    section = PAGE.partition("\n## Saved sessions\n")[2].partition("\n## ")[0]
    quoted = {normal(span) for span in re.findall(r"`([^`]+)`", section)}
    found = set()
    for name in ("seal", "state_key"):
        path = SOURCE / f"ringfence/runtime/{name}.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="StateRefused"), args=[_, text]):
                    found.add(normal(text_of(text, {})))
                case ast.Call(func=ast.Name(id="StateKeyNotUsable"), args=[text]):
                    found.add(normal(text_of(text, {})))
    assert len(found) == 15
    assert sorted(found - quoted) == []


def all_texts() -> set[str]:
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant | ast.JoinedStr):
                found.add(normal(text_of(node, {})))
    return found


def test_the_other_messages_are_in_the_code_as_well() -> None:
    section = PAGE.partition("\n## Sandboxes\n")[2].partition("\n## Surprises\n")[0]
    before, _, rest = section.partition("\n## MCP\n")  # test_troubleshooting_mcp.py provokes these
    section = before + rest.partition("\n## ")[2]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    quoted = [normal(span) for row in rows for span in re.findall(r"`([^`]+)`", row) if " " in span]
    texts = all_texts()
    assert len(quoted) > 10
    assert [quote for quote in quoted if quote not in texts] == []
