"""Wrappers from schemas: good ones read well, and nothing of a hostile one becomes code."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.errors import ConfigurationError
from ringfence.mcp.broker.catalog import ToolInfo
from ringfence.mcp.guest.describing import listed
from ringfence.mcp.guest.identifiers import distinct, identifier, is_plain
from ringfence.mcp.guest.literals import docstring
from ringfence.mcp.guest.rendering import Rendered, by_module, render
from ringfence.mcp.wrappers import MARK, write_wrappers
from tests.mcp.guest.tools import TEXT, tool

EDITS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"oldText": TEXT, "new-text": TEXT, "times": {"type": "integer"}},
        "required": ["oldText", "new-text"],
    },
}
EDIT = tool(
    "files",
    "edit_file",
    {
        "path": {"type": "string", "description": 'Which. """ \\ \u202e'},
        "edits": EDITS,
        "mode": {"enum": ["fast", "slow"], "default": "fast"},
        "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    },
    ["path", "edits"],
    description="Edit a file.",
    output={"type": "object", "properties": {"done": {"type": "boolean"}}, "required": ["done"]},
)
LIST = tool("files", "list", {"of": {"type": "array", "items": TEXT}, "Any": {}})
ANY = tool("files", "Any", {"dict": {"type": "object"}, "import": TEXT}, ["import"])

EXPECTED = '''\
"""Tools of the MCP server files. Written by Ringfence from its schemas."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict
from mcp_tools._calls import _LEFT_OUT, _call


EditFileEditsItem = TypedDict(
    'EditFileEditsItem',
    {
        'oldText': str,
        'new-text': str,
        'times': NotRequired[int],
    },
)


EditFileResult = TypedDict(
    'EditFileResult',
    {
        'done': bool,
    },
)


async def edit_file(
    path: str,
    edits: list[EditFileEditsItem],
    *,
    mode: Literal['fast', 'slow'] | None = None,
    limit: int | None = _LEFT_OUT,
) -> EditFileResult:
    """Edit a file.

    Args:
        path: Which. \\"\\"\\" \\\\ \\u202e
        mode: (default: 'fast')
    """
    _given: dict[str, Any] = {'path': path, 'edits': edits}
    if mode is not None:
        _given['mode'] = mode
    if limit is not _LEFT_OUT:
        _given['limit'] = limit
    _result: EditFileResult = await _call('mcp__files__edit_file', _given)
    return _result
'''


def test_a_wrapper_reads_as_a_person_would_have_written_it() -> None:
    assert render("files", [EDIT]).source == EXPECTED


def test_a_listing_shows_objects_by_their_keys() -> None:
    (entry,) = listed([EDIT], [EDIT])
    assert entry["wrapper"] == (
        "files.edit_file(path: str, edits: list[{'oldText': str, 'new-text': str, 'times'?: int}], "
        "*, mode: Literal['fast', 'slow'] | None = None, limit: int | None = ...) "
        "-> {'done': bool}"
    )


# --- hostile schemas --------------------------------------------------------------------------

EVIL = [
    "__import__('os').system('id')",
    'x"""\nimport os\n"""',
    "'''",
    "\\",
    "a\\",
    '"',
    "x: int = print(1)",
    "class",
    "None",
    "__class__",
    "_given",
    "_call",
    "a\nb",
    "a\rb",
    "a\u2028b",
    "a\x00b",
    "\ud800",
    "\u202eevil",
    "ﬁ",
    "\U0001d41c\U0001d425\U0001d41a\U0001d42c\U0001d42c",
    "9",
    "",
    "*",
    "**kw",
    "x" * 10_000,
    "{x}",
    "%s",
    "# type: ignore",
    "\ufeff",
]

texts = st.one_of(st.sampled_from(EVIL), st.text(max_size=30))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    texts,
    st.sampled_from(["string", "object"]),
)
keywords = st.sampled_from(
    [
        "type",
        "properties",
        "items",
        "required",
        "enum",
        "const",
        "anyOf",
        "oneOf",
        "allOf",
        "$ref",
        "$defs",
        "default",
        "description",
        "title",
        "additionalProperties",
    ]
)
schemas = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(keywords, texts), inner, max_size=5),
        st.builds(
            lambda properties, required: {
                "type": "object",
                "properties": properties,
                "required": required,
            },
            st.dictionaries(texts, inner, max_size=4),
            st.lists(texts, max_size=3),
        ),
    ),
    max_leaves=20,
)


@st.composite
def hostile_tools(draw: st.DrawFn) -> ToolInfo:
    schema = draw(schemas)
    output = draw(st.one_of(st.none(), schemas))
    name = draw(texts)
    return ToolInfo(
        name=draw(texts),
        server="s",
        tool=name,
        title=draw(texts),
        description=draw(texts),
        input_schema=schema if isinstance(schema, dict) else {"properties": {"a": schema}},
        output_schema=output if isinstance(output, dict) else None,
        read_only=False,
        destructive=True,
        python_name=name,
    )


TYPES = (ast.Name, ast.Subscript, ast.BinOp, ast.Constant, ast.Tuple, ast.Attribute, ast.UnaryOp)
WORDS = {
    "str",
    "int",
    "float",
    "bool",
    "list",
    "dict",
    "Any",
    "Literal",
    "NotRequired",
    "TypedDict",
}


def check_module(rendered: Rendered, count: int) -> None:
    """The shapes that a module may have: nothing else can be in one."""
    for text, is_stub in ((rendered.source, False), (rendered.stub, True)):
        text.encode()  # a file can hold it
        tree = ast.parse(text)
        functions = [one for one in tree.body if isinstance(one, ast.AsyncFunctionDef)]
        assert len(functions) == count
        assert is_plain_doc(tree.body[0])
        classes = set()
        for one in tree.body[1:]:
            if isinstance(one, ast.ImportFrom):
                assert one.module in {"__future__", "typing", "mcp_tools._calls"}
            elif isinstance(one, ast.Import):
                assert {alias.name for alias in one.names} <= {"builtins", "typing"}
            elif isinstance(one, ast.Assign):
                (target,) = one.targets
                assert isinstance(target, ast.Name)
                assert is_plain(target.id)
                classes.add(target.id)
                check_class(one.value, classes)
            else:
                assert isinstance(one, ast.AsyncFunctionDef)
                assert is_plain(one.name)
                check_function(one, classes, is_stub)
        assert len({one.name for one in functions} | classes) == len(functions) + len(classes)


def is_plain_doc(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def check_type(node: ast.expr | None, classes: set[str]) -> None:
    assert node is not None
    for part in ast.walk(node):
        if isinstance(part, ast.expr):
            assert isinstance(part, TYPES)
        if isinstance(part, ast.Name):
            assert part.id in WORDS | classes | {"_builtins", "_typing"}
        if isinstance(part, ast.Attribute):
            assert part.attr in WORDS


def check_class(node: ast.expr, classes: set[str]) -> None:
    assert isinstance(node, ast.Call)
    assert ast.unparse(node.func) in {"TypedDict", "_typing.TypedDict"}
    _, fields = node.args
    assert isinstance(fields, ast.Dict)
    for key, value in zip(fields.keys, fields.values, strict=True):
        assert isinstance(key, ast.Constant)
        check_type(value, classes)


def check_function(node: ast.AsyncFunctionDef, classes: set[str], is_stub: bool) -> None:
    names = [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]
    assert all(map(is_plain, names))
    for one in (*node.args.args, *node.args.kwonlyargs):
        check_type(one.annotation, classes)
    for default in node.args.kw_defaults:
        assert ast.unparse(default) in {"None", "_LEFT_OUT", "..."}  # type: ignore[arg-type]
    check_type(node.returns, classes)
    assert not node.args.defaults
    assert not node.decorator_list
    doc, *body = node.body
    assert is_plain_doc(doc)
    if is_stub:
        assert [ast.unparse(one) for one in body] == ["..."]
        return
    for call in (part for one in body for part in ast.walk(one) if isinstance(part, ast.Call)):
        assert isinstance(call.func, ast.Name)
        assert call.func.id == "_call"
        name, given_ = call.args
        assert isinstance(name, ast.Constant)
        assert ast.unparse(given_) == "_given"
    used = {part.id for one in body for part in ast.walk(one) if isinstance(part, ast.Name)}
    allowed = {"_given", "_call", "_LEFT_OUT", "_more", "_result", "_builtins", "_typing"}
    assert used <= {*names, *allowed, *WORDS, *classes}


@settings(max_examples=300, deadline=None)
@given(st.lists(hostile_tools(), min_size=1, max_size=3))
def test_nothing_of_a_server_becomes_code(tools: list[ToolInfo]) -> None:
    check_module(render("s", tools), len(tools))
    for entry in listed(tools, tools):
        assert len(entry["wrapper"]) <= 700


@pytest.mark.parametrize("text", EVIL)
def test_each_hostile_text_stays_a_text(text: str) -> None:
    hostile = ToolInfo(
        name=text,
        server=text,
        tool=text,
        title=text,
        description=text,
        input_schema={
            "type": "object",
            "properties": {text: {"enum": [text], "description": text, "default": text}},
            "required": [text, "other"],
        },
        output_schema={"type": "object", "properties": {text: {"const": text}}},
        read_only=False,
        destructive=True,
        python_name=text,
    )
    (module,) = by_module([hostile])
    assert is_plain(module)
    check_module(render(text, [hostile]), 1)


def test_docstrings_say_what_was_said() -> None:
    for text in EVIL[:-1]:
        words = text.strip()
        if words and words.isascii() and words.isprintable():
            said = ast.literal_eval(docstring(words, ""))
            assert said == words


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema, "b": schema, "c": schema}}
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        nested(200),
        {"$ref": "#"},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
        {"$defs": {"t": {"type": "array", "items": {"$ref": "#/$defs/t"}}}, "$ref": "#/$defs/t"},
        {"$ref": "https://example.com/schema"},
        {"$ref": "#/" + "a/" * 10_000},
        {"enum": list(range(10_000))},
        {"anyOf": [{"const": number} for number in range(10_000)]},
        {"type": ["string"] * 10_000},
        {"type": {"type": "string"}},
        {"type": "object", "properties": {str(n): {} for n in range(10_000)}},
        {"type": "object", "properties": [1]},
        {"type": "object", "properties": {"a": True}, "required": "a"},
        {"type": "array", "items": [{"type": "string"}]},
        {"const": 10**4_000},
        {"enum": [float("nan"), {}, []]},
    ],
)
def test_schemas_that_are_too_much_are_any(schema: dict[str, Any]) -> None:
    one = tool("s", "t", {"a": schema}, ["a"], output=schema, **{"$defs": schema.get("$defs", {})})
    rendered = render("s", [one])
    check_module(rendered, 1)
    assert len(rendered.source) < 100_000


def test_ten_thousand_arguments_are_sixty_and_the_rest_by_their_names() -> None:
    one = tool("s", "t", {f"a{n}": TEXT for n in range(10_000)}, ["a9999"])
    source = render("s", [one]).source
    assert "    a9999: str,\n    *,\n    a0: str | None = None," in source
    assert "    **_more: Any\n" in source
    assert source.count(" | None = None,") == 59


def test_names_are_distinct() -> None:
    assert distinct(["a", "a", "a", "a_2"]) == ["a", "a_2", "a_3", "a_2_2"]
    assert distinct(["Fs", "fs"], any_case=True) == ["Fs", "fs_2"]
    assert distinct(["x"] * 20_000)[-1] == "x_20000"
    assert identifier("класс", "tool") == "tool"
    assert identifier("class", "tool") == "class_"
    assert identifier("2fast", "tool") == "tool_2fast"


def test_a_server_s_module_is_not_another_s() -> None:
    servers = ["a-b", "a_b", "server_1x", "1x", "Git", "git"]
    modules = by_module([tool(server, "t", {}) for server in servers])
    assert {module: group[0].server for module, group in modules.items()} == {
        "a_b": "a_b",
        "a_b_2": "a-b",
        "server_1x": "server_1x",
        "server_1x_2": "1x",
        "Git": "Git",
        "git_2": "git",
    }


# --- files ----------------------------------------------------------------------------------

PROGRAM = """\
import asyncio
from mcp_tools import files
async def main() -> None:
    result = await files.edit_file("a", [{"oldText": "x", "new-text": "y"}], mode="slow")
    print(result["done"])
    await files.list(of=["a"])
asyncio.run(main())
"""


def mypy(folder: Path, *files: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file=", *files],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def test_files_are_clean_to_a_strict_type_checker(tmp_path: Path) -> None:
    tools = [EDIT, LIST, ANY, tool("TypedDict", "TypedDict", nested(2)["properties"])]
    written = write_wrappers(tools, tmp_path)
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "wrong.py").write_text(
        "from mcp_tools import files\n"
        "async def main() -> None:\n"
        "    await files.edit_file(1, [], mode='other')\n"
    )
    names = {path.relative_to(tmp_path).as_posix() for path in written}
    assert names == {
        "__builtins__.pyi",
        "mcp_tools/__init__.py",
        "mcp_tools/_calls.py",
        "mcp_tools/py.typed",
        "mcp_tools/files.py",
        "mcp_tools/files.pyi",
        "mcp_tools/TypedDict.py",
        "mcp_tools/TypedDict.pyi",
    }
    assert (
        mypy(tmp_path, "program.py", "mcp_tools") == "Success: no issues found in 5 source files\n"
    )
    wrong = mypy(tmp_path, "wrong.py")
    assert wrong.count("error:") == 2
    for stub in (tmp_path / "mcp_tools").glob("*.pyi"):
        stub.unlink()
    assert (
        mypy(tmp_path, "program.py", "mcp_tools") == "Success: no issues found in 5 source files\n"
    )


def test_files_of_servers_that_are_gone_go_and_others_stay(tmp_path: Path) -> None:
    write_wrappers([EDIT, tool("old", "t")], tmp_path)
    mine = tmp_path / "mcp_tools" / "mine.py"
    mine.write_text("1")
    write_wrappers([EDIT], tmp_path)
    assert sorted(path.name for path in (tmp_path / "mcp_tools").iterdir()) == [
        "__init__.py",
        "_calls.py",
        "files.py",
        "files.pyi",
        "mine.py",
        "py.typed",
    ]
    with pytest.raises(ConfigurationError, match="mine.py was not written by this"):
        write_wrappers([tool("mine", "t")], tmp_path)
    assert mine.read_text() == "1"


def test_links_are_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    theirs = elsewhere / "file"
    theirs.write_text(MARK)
    folder = tmp_path / "out"
    (folder / "mcp_tools").mkdir(parents=True)
    (folder / "mcp_tools" / "files.py").symlink_to(theirs)
    with pytest.raises(ConfigurationError, match="was not written by this"):
        write_wrappers([EDIT], folder)
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "mcp_tools").symlink_to(elsewhere)
    with pytest.raises(ConfigurationError, match="is a link"):
        write_wrappers([EDIT], tmp_path / "linked")
    assert theirs.read_text() == MARK
    assert list(elsewhere.iterdir()) == [theirs]


def test_outside_of_a_guest_a_wrapper_says_so(tmp_path: Path) -> None:
    write_wrappers([EDIT], tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stderr.endswith(
        "RuntimeError: mcp_tools is for programs that Ringfence runs with tools\n"
    )
