"""Which tools a text finds, and in which order."""

from __future__ import annotations

import pytest

from ringfence.mcp.search import rank
from tests.mcp.guest.tools import TEXT, tool

TOOLS = [
    tool("files", "read_file", {"path": TEXT}, description="Read the contents of a file."),
    tool("files", "listDirectory", {"path": TEXT}, description="Names of what is in a folder."),
    tool("git", "git_log", {"max_count": TEXT}, description="Shows the commits of a repository."),
    tool("git", "git_commit", {"message": TEXT}, description="Records changes of files."),
    tool("web", "fetch", {"address": {"description": "of the page"}}, description="Überall."),
]


@pytest.mark.parametrize(
    "text, names",
    [
        ("read a file", ["read_file", "listDirectory", "git_commit"]),
        ("READ FILES", ["read_file", "listDirectory", "git_commit"]),
        ("directory", ["listDirectory"]),
        ("direct", ["listDirectory"]),
        ("commits", ["git_commit", "git_log"]),
        ("page", ["fetch"]),
        ("überall", ["fetch"]),
        ("web", ["fetch"]),
        ("nothing", []),
        ("", []),
        ("the of a", []),
        ("\x00\ud800 ((((", []),
        ("git log " * 100_000, ["git_log", "git_commit"]),
    ],
)
def test_what_is_found(text: str, names: list[str]) -> None:
    found = rank(TOOLS, text)
    assert [match.tool.tool for match in found] == names
    assert all(match.score > 0 for match in found)
    assert [match.score for match in found] == sorted((m.score for m in found), reverse=True)


def test_bounds() -> None:
    assert len(rank(TOOLS, "file git", 1)) == 1
    assert rank(TOOLS, "file", 0) == rank(TOOLS, "file", -1) == rank([], "file") == []


def test_equal_ones_stand_in_their_order() -> None:
    twins = [tool("s", f"t{n}", description="same words") for n in range(5)]
    assert [match.tool for match in rank(twins, "same")] == twins
