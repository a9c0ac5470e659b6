"""Wrappers as source text: one module for each server, for guests, and its stub, for editors.

All that comes from a server is an identifier of :mod:`.identifiers`, or a literal or documentation
of :mod:`.literals`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ringfence.mcp.guest.identifiers import distinct, identifier, is_plain
from ringfence.mcp.guest.literals import docstring, literal, shown
from ringfence.mcp.guest.schema_types import Inline, Named, TypedClass, required_of
from ringfence.mcp.guest.seen import SeenTool
from ringfence.mcp.guest.signatures import Signature, read_signature
from ringfence.mcp.guest.vocabulary import WORDS, Vocabulary

__all__ = ["Rendered", "by_module", "function_names", "one_line", "render"]

_LONGEST_LINE = 96
_LONGEST_SIGNATURE = 600
_LEFT_OUT = "_LEFT_OUT"


@dataclass(frozen=True)
class Rendered:
    """One server's module.

    Attributes:
        source: what runs.
        stub: what editors and type checkers read instead.
    """

    source: str
    stub: str


@dataclass(frozen=True)
class _Function:
    tool: SeenTool
    name: str
    signature: Signature


def by_module(tools: Iterable[SeenTool]) -> dict[str, list[SeenTool]]:
    """The tools of each server, by the name of its module; servers in the order of their names.

    A server whose name is an identifier has that name's module, whatever others are called.
    """
    servers: dict[str, list[SeenTool]] = {}
    for tool in tools:
        servers.setdefault(tool.server, []).append(tool)
    names = sorted(servers, key=lambda name: (not is_plain(name), name))
    modules = distinct((identifier(name, "server") for name in names), any_case=True)
    found = sorted(zip(names, modules, strict=True))
    return {module: servers[name] for name, module in found}


def function_names(tools: Sequence[SeenTool]) -> list[str]:
    """What the wrappers of one server's tools are called, in the order of the tools."""
    return distinct(identifier(tool.python_name, "tool") for tool in tools)


def one_line(tool: SeenTool, name: str) -> str:
    """A wrapper's signature in one line, for reading: objects are shown by their keys."""
    words = Vocabulary()
    signature = read_signature(
        tool, Inline(words, tool.input_schema), Inline(words, tool.output_schema), ""
    )
    text = f"{name}({', '.join(signature.pieces('Any', '...'))}) -> {signature.returns}"
    return shown(text, _LONGEST_SIGNATURE)


def render(server: str, tools: Sequence[SeenTool]) -> Rendered:
    """The module of a server's tools.

    Args:
        server: its name in the configuration.
        tools: those of it that may be seen.
    """
    names = function_names(tools)
    taken = frozenset(names)
    hidden = {name for tool in tools for name in _arguments(tool) if name in WORDS}
    words, classes = Vocabulary(taken | hidden), dict[str, TypedClass]()
    functions = []
    for tool, name in zip(tools, names, strict=True):
        title = "".join(word[:1].upper() + word[1:] for word in name.split("_"))
        inputs = Named(words, tool.input_schema, classes, taken)
        outputs = Named(words, tool.output_schema, classes, taken)
        functions.append(_Function(tool, name, read_signature(tool, inputs, outputs, title)))
    body = [_class(one, words) for one in classes.values()]
    source = ["\n".join(_source(one, words)) for one in functions]
    stub = ["\n".join(_stub(one, words)) for one in functions]
    doc = docstring(f"Tools of the MCP server {server}. Written by Ringfence from its schemas.", "")
    imports = words.imports()
    return Rendered(
        _module(doc, [*imports, f"from mcp_tools._calls import {_LEFT_OUT}, _call"], body + source),
        _module(doc, imports, body + stub),
    )


def _arguments(tool: SeenTool) -> Iterator[str]:
    """Names that stand for something else within the wrapper."""
    properties = tool.input_schema.get("properties")
    if isinstance(properties, Mapping):
        yield from (key for key in properties if isinstance(key, str))
    yield from required_of(tool.input_schema)


def _module(doc: str, imports: list[str], parts: list[str]) -> str:
    head = f"{doc}\n\nfrom __future__ import annotations\n\n" + "\n".join(imports)
    return "\n\n\n".join([head.rstrip(), *parts]) + "\n"


def _class(one: TypedClass, words: Vocabulary) -> str:
    lines = [f"{one.name} = {words['TypedDict']}(", f"    {literal(one.name)},", "    {"]
    for field in one.fields:
        shape = str(field.type)
        if not field.required:
            shape = f"{words['NotRequired']}[{shape}]"
        lines.append(f"        {literal(field.key)}: {shape},")
    return "\n".join([*lines, "    },", ")"])


def _head(function: _Function, words: Vocabulary, left_out: str) -> Iterator[str]:
    signature = function.signature
    pieces = list(signature.pieces(words["Any"] if signature.more else "", left_out))
    line = f"async def {function.name}({', '.join(pieces)}) -> {signature.returns}:"
    if len(line) <= _LONGEST_LINE:
        yield line
        return
    yield f"async def {function.name}("
    yield from (f"    {piece}{'' if piece.startswith('**') else ','}" for piece in pieces)
    yield f") -> {signature.returns}:"


def _doc(function: _Function) -> str:
    tool = function.tool
    parts = [tool.description.strip() or tool.title.strip() or f"Calls {tool.name}."]
    if described := [one for one in function.signature.parameters if one.doc]:
        parts.append("\n".join(["Args:", *(f"    {one.name}: {one.doc}" for one in described)]))
    return docstring("\n\n".join(parts), "    ")


def _source(function: _Function, words: Vocabulary) -> Iterator[str]:
    signature = function.signature
    yield from _head(function, words, _LEFT_OUT)
    yield _doc(function)
    required = [f"{literal(one.key)}: {one.name}" for one in signature.parameters if one.required]
    if signature.more:
        required.append("**_more")
    kind = f"{words['dict']}[{words['str']}, {words['Any']}]"
    yield f"    _given: {kind} = {{{', '.join(required)}}}"
    for one in signature.parameters:
        if not one.required:
            absent = "None" if one.left_out_as_none else _LEFT_OUT
            yield f"    if {one.name} is not {absent}:"
            yield f"        _given[{literal(one.key)}] = {one.name}"
    call = f"await _call({literal(function.tool.name)}, _given)"
    if signature.returns.anything:
        yield f"    return {call}"
    else:
        yield f"    _result: {signature.returns} = {call}"
        yield "    return _result"


def _stub(function: _Function, words: Vocabulary) -> Iterator[str]:
    yield from _head(function, words, "...")
    yield _doc(function)
    yield "    ..."
