"""A task that a service works on; its steps come as an event stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
from pydantic import ValidationError

from ringfence.agent.direct import direct_code
from ringfence.agent.task import Task
from ringfence.cli import exits
from ringfence.cli.submit.telling import tell_answer, tell_step
from ringfence.errors import ConfigurationError, EngineFailure, NoModel, RingfenceError
from ringfence.model.from_json import MalformedJSON, result_from_json
from ringfence.server.schemas import AgentAnswer, AgentStep

__all__ = ["submit_to"]

_SILENCE = 60.0  # seconds; a service says something every 15
_MOST_EVENT = 256 << 20


def submit_to(url: str, key: str | None, task: Task, *, as_json: bool) -> int:
    """Have it worked on there; gives the exit status.

    Args:
        url: the service.
        key: a key of it, or None.
        task: what to do.
        as_json: print the whole reply, and nothing else.

    Raises:
        ConfigurationError: the service refuses it.
        NoModel: the service has no model.
        EngineFailure: it cannot be reached, or fails.
    """
    is_code = direct_code(task.query) is not None
    try:
        for event, data in _events(url, key, task):
            if event == "answer":
                AgentAnswer.model_validate(data)
                return _tell(data, as_json=as_json, is_code=is_code)
            if event == "problem":
                raise _refusal(data)
            if event == "step" and not as_json and not is_code:
                AgentStep.model_validate(data)
                tell_step(data, data.get("reply"))
    except (ValidationError, MalformedJSON) as error:
        raise EngineFailure(f"{url} sent an answer that cannot be read: {error}") from None
    except httpx.InvalidURL as error:
        raise ConfigurationError(f"--url {url!r}: {error}") from None
    except httpx.HTTPError as error:
        raise EngineFailure(f"{url}: {type(error).__name__}: {error}") from error
    raise EngineFailure(f"{url} ended its answer before it was complete")


def _tell(answer: dict[str, Any], *, as_json: bool, is_code: bool) -> int:
    if not is_code or not answer["results"]:
        return tell_answer(answer, as_json=as_json)
    result = answer["results"][-1]
    if as_json:
        tell_answer(answer, as_json=True)
    else:
        _show_run(result)
    return exits.OF_STATUS[result["status"]]


def _show_run(reply: dict[str, Any]) -> None:
    """As ``ringfence run`` shows it."""
    from ringfence.cli.activity import Activity
    from ringfence.cli.displays import DisplayKeeper
    from ringfence.cli.screen import Screen
    from ringfence.model import Limits, Output

    result = result_from_json(reply, limit=_MOST_EVENT)
    limits = Limits()
    with Activity("") as activity:
        keeper = DisplayKeeper(None, title="<query>", size=int(limits.display))
        screen = Screen(activity, limits, keeper, "<query>")
        for output in (Output("stdout", result.stdout), Output("stderr", result.stderr)):
            if output.text:
                screen.show(output)
        for display in result.displays:
            screen.show(display)
        screen.show(result)


def _events(url: str, key: str | None, task: Task) -> Iterator[tuple[str, dict[str, Any]]]:
    body = {
        "query": task.query,
        "tools": ["python_executor"],
        "mode": task.mode,
        "session_id": task.session_id,
        "stdin": task.stdin,
        "timeout_seconds": task.timeout_seconds,
    }
    headers = {"Accept": "text/event-stream", "Content-Type": "application/json"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    with (
        httpx.Client(timeout=_SILENCE, trust_env=False) as client,
        client.stream(
            "POST",
            f"{url.rstrip('/')}/agent/query",
            content=json.dumps({name: one for name, one in body.items() if one is not None}),
            headers=headers,
        ) as response,
    ):
        if response.status_code != 200:
            raise _refusal(_problem(response))
        if not response.headers.get("Content-Type", "").startswith("text/event-stream"):
            raise EngineFailure(f"{url} is no service of Ringfence's: it sent no event stream")
        yield from _parsed(response.iter_lines())


def _parsed(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The events of a stream, as the HTML standard parts them; ours have one line of data."""
    event = ""
    for line in lines:
        name, _, value = line.partition(":")
        if name == "event":
            event = value.strip()
        elif name == "data":
            yield event, _object(value.removeprefix(" "))


def _object(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise EngineFailure("the service sent an event that is no JSON object")
    return data


def _problem(response: httpx.Response) -> dict[str, Any]:
    text = response.read()
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    if isinstance(data, dict) and "detail" in data:
        return data
    return {"status": response.status_code, "detail": f"it answered {response.status_code}"}


def _refusal(problem: dict[str, Any]) -> RingfenceError:
    name = str(problem.get("type", "")).rpartition(":")[2]
    detail = str(problem.get("detail", ""))
    told = f"the service: {detail}" if not name else f"the service: {name}: {detail}"
    if name == "no-model":
        return NoModel(told)
    status = problem.get("status")
    if isinstance(status, int) and 400 <= status < 500 and status not in (408, 429):
        return ConfigurationError(told)
    return EngineFailure(told)
