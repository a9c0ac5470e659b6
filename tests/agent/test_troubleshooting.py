"""Each line of docs/troubleshooting.md about agents' tasks, provoked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from ringfence.agent.task import Task
from ringfence.errors import ModelFailed, NoModel, RingfenceError
from tests.agent.conftest import Desk
from tests.docs.documents import ROOT
from tests.support.model_endpoint import Failing, Scripted, model_endpoint, running

PAGE = (ROOT / "docs/troubleshooting.md").read_text("utf-8")
SECTION = PAGE.partition("\n## Agent tasks\n")[2].partition("\n## ")[0]
LINES = [
    (kind, " ".join(message.split()))
    for kind, message in re.findall(r"^\| `(\w+)`: `([^`]+)` \|", SECTION, re.MULTILINE)
]


class Way(NamedTuple):
    """How to get to a message.

    Attributes:
        variables: of the environment.
        answer: what the endpoint says.
        reports: whether it reports its use.
    """

    variables: Mapping[str, Any] = {}
    answer: Scripted = "Hello."
    reports: bool = True


WAYS: Mapping[str, Way] = {
    "no language model": Way({"MODEL": ""}),
    "RINGFENCE_AGENT_MODEL=": Way({"MODEL": "no-such:model", "BASE_URL": "", "API_KEY": ""}),
    "RINGFENCE_AGENT_SPEND": Way({"SPEND": "1"}),
    "RINGFENCE_AGENT_API_KEY": Way({"MODEL": "openai:gpt-5", "BASE_URL": ""}),
    "the model's endpoint answered": Way(answer=Failing(401)),
    "the model did not answer": Way(answer=Failing(200, "{}")),
    "the model's endpoint does not report": Way(answer=running("1"), reports=False),
}


def test_every_line_has_a_way_to_it() -> None:
    found = [[start for start in WAYS if message.startswith(start)] for _, message in LINES]
    assert sorted(found) == sorted([start] for start in WAYS)


@pytest.mark.parametrize("kind, message", LINES)
def test_line(desk: Desk, kind: str, message: str) -> None:
    way = next(way for start, way in WAYS.items() if message.startswith(start))
    with model_endpoint(script=lambda number, body: way.answer) as endpoint:
        if not way.reports:
            endpoint.usage = None
        with pytest.raises(RingfenceError) as caught:
            desk.work(Task(query="Hello."), endpoint, **way.variables)
    assert type(caught.value) is {"NoModel": NoModel, "ModelFailed": ModelFailed}[kind]
    pattern = ".*".join(map(re.escape, message.split("…")))
    assert re.fullmatch(pattern, str(caught.value), re.DOTALL)
