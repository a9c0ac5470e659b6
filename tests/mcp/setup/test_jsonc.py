"""JSON with comments: a member changes, and nothing else does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.mcp.setup.jsonc import NotEditable, parse, remove, replace

COMMENTED = """\
// Mine.
{
\t"a": 1, // one
\t/* before b */ "b": {"c": [1, 2, {"d": "}"}], /* in b */ "e": "\\u00e9"},
\t"servers": {
\t\t"x": {"command": "x"}, // of x
\t},
}
// The end.
"""


def test_a_member_is_added_as_its_neighbours_are_laid_out() -> None:
    changed = replace(COMMENTED, ("servers", "y"), {"command": "y", "args": ["1"]})
    assert changed == COMMENTED.replace(
        '\t\t"x": {"command": "x"}, // of x\n',
        '\t\t"x": {"command": "x"}, // of x\n'
        '\t\t"y": {\n\t\t\t"command": "y",\n\t\t\t"args": [\n\t\t\t\t"1"\n\t\t\t]\n\t\t},\n',
    )


def test_what_was_added_is_taken_away_without_a_trace() -> None:
    for path in (("servers", "y"), ("b", "y"), ("y",)):
        assert remove(replace(COMMENTED, path, {"z": 1}), path) == COMMENTED


def test_a_value_is_replaced_where_it_stands() -> None:
    assert replace(COMMENTED, ("a",), 2) == COMMENTED.replace('"a": 1,', '"a": 2,')


def test_the_last_member_takes_its_comma_along() -> None:
    text = '{\n  "a": 1,\n  "b": 2\n}\n'
    assert remove(text, ("b",)) == '{\n  "a": 1\n}\n'
    assert remove(text, ("a",)) == '{\n  "b": 2\n}\n'
    assert remove('{"a": 1, "b": 2}', ("b",)) == '{"a": 1}'
    assert remove('{"a": 1, "b": 2}', ("a",)) == '{"b": 2}'
    assert remove(text, ("c",)) == text


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", "{}", "{ }", "{\n}", "{ // nothing\n}"])
def test_nothing_becomes_something(text: str) -> None:
    changed = replace(text, ("mcpServers", "r"), {"command": "c"})
    assert parse(changed) == {"mcpServers": {"r": {"command": "c"}}}
    assert changed.splitlines()[-1] == "}"


def test_windows_line_ends_stay() -> None:
    changed = replace('{\r\n  "a": 1\r\n}\r\n', ("b",), {"c": 1})
    assert changed == '{\r\n  "a": 1,\r\n  "b": {\r\n    "c": 1\r\n  }\r\n}\r\n'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "line 1: it is no object"),
        ('{"a": 1', "line 1: a comma or } is expected here"),
        ('{"a": 1}\n}', "line 2: there is more after its end"),
        ('{"a": 1,\n "a": 2}', "line 2: 'a' is there twice"),
        ('{"a": "\t"}', "line 1: a value is expected here"),
        ("{'a': 1}", 'line 1: a name in "…" is expected here'),
        ('{"a": NaN}', "line 1: a value is expected here"),
        ('{"a" 1}', "line 1: a colon is expected here"),
        ('{"a": /* open', "line 1: a value is expected here"),
        ('{"a": ' + "[" * 1000, "line 1: more than 100 levels deep"),
        ('{"a": ' + "9" * 5000 + "}", "line 1: a comma or } is expected here"),
        ('{"a": "\\x"}', "line 1: Invalid \\escape: line 1 column 2 (char 1)"),
    ],
)
def test_what_is_no_json_is_refused_by_line(text: str, reason: str) -> None:
    with pytest.raises(NotEditable) as refused:
        parse(text)
    assert str(refused.value) == reason


def test_a_way_through_no_object_is_refused() -> None:
    with pytest.raises(NotEditable, match=r"^a is no object$"):
        replace('{"a": [1]}', ("a", "b"), 1)
    with pytest.raises(NotEditable, match=r"^a is no object$"):
        remove('{"a": [1]}', ("a", "b"))


KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(
    st.dictionaries(KEYS, VALUES, max_size=4),
    st.sampled_from([None, 1, 4, "\t"]),
    KEYS,
    VALUES,
)
def test_any_document_says_what_it_should_afterwards(
    document: dict[str, Any], indent: int | str | None, key: str, value: Any
) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=False)
    assert parse(text) == document
    changed = replace(text, ("t", key), value) if isinstance(document.get("t", {}), dict) else text
    if changed is not text:
        assert parse(changed) == document | {"t": document.get("t", {}) | {key: value}}
        assert key not in parse(remove(changed, ("t", key)))["t"]
    for one in document:
        left = {name: other for name, other in document.items() if name != one}
        assert parse(remove(text, (one,))) == left
