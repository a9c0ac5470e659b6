"""A guest that asks a person for too much, or for something else than it seems."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from mcp.client.session import ClientRequestContext
from mcp_types import ElicitRequestParams, ElicitResult

from tests.mcp.server.serving import over_stdio, rows, run, value, with_wild

ASKING = """
import asyncio
async def ask(arguments):
    try:
        return await call_mcp_tool('mcp__wild__remove', arguments)
    except Exception:
        return 'no'
"""


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_whoever_says_no_is_not_asked_for_ever(tmp_path: Path, mode: str) -> None:
    open_now, most, asked = 0, 0, 0

    async def refuse(_: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        nonlocal open_now, most, asked
        asked, open_now = asked + 1, open_now + 1
        most = max(most, open_now)
        await asyncio.sleep(0)
        open_now -= 1
        return ElicitResult(action="decline")

    async def main() -> None:
        options = with_wild(tmp_path)
        async with over_stdio(tmp_path, *options, mode=mode, elicitation_callback=refuse) as client:
            code = (
                f"{ASKING}set(await asyncio.gather(*[ask({{'path': str(n)}}) for n in range(30)]))"
            )
            assert value(await run(client, code)) == {"$type": "set", "items": ["no"]}

    asyncio.run(main())
    assert most <= 4
    assert asked <= 6  # three, and those that were open beside the third
    outcomes = Counter(one["outcome"] for one in rows(tmp_path, "mcp.approval"))
    assert outcomes == {"refused": asked}
    denied = [one["outcome"] for one in rows(tmp_path, "mcp.denied")]
    assert denied == ["approval"] * 30  # those too about which nobody was asked


def test_a_person_sees_what_matters_or_is_not_asked(tmp_path: Path) -> None:
    asked: list[str] = []

    async def agree(_: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action="accept", content={"allow": True})

    async def main() -> None:
        async with over_stdio(tmp_path, *with_wild(tmp_path), elicitation_callback=agree) as client:
            padded = "{'note': 'a' * 5_000 + 'END', 'path': '/precious'}"
            many = "{**{f'note{n}': 'a' * 300 for n in range(100)}, 'path': '/precious'}"
            code = f"{ASKING}[await ask({padded}) != 'no', await ask({many})]"
            assert value(await run(client, code)) == [True, "no"]

    asyncio.run(main())
    (message,) = asked
    lines = message.splitlines()
    assert lines[1] == '  path = "/precious"'
    assert lines[2].endswith('END" (5,005 characters)')
    assert [one["outcome"] for one in rows(tmp_path, "mcp.approval")] == [
        "allowed",
        "not asked: its arguments are too long to be shown",
    ]
