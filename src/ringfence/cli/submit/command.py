"""The command that submits a task."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from ringfence.cli.report import reporting

__all__ = ["submit"]

_MOST_QUERY = 4 << 20


def submit(
    query: Annotated[
        str,
        typer.Argument(
            metavar="QUERY",
            help='A request in words, or "Execute Python: CODE"; - reads it from standard input.',
        ),
    ],
    mode: Annotated[
        str,
        typer.Option(metavar="MODE", help="simple (one run) or standard (repairs, and answers)."),
    ] = "standard",
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="A service that works on it. [default: RINGFENCE_URL; without one, this machine]",
        ),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option(metavar="ID", help="A session of the service, which keeps variables."),
    ] = None,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Let runs read this command's standard input.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", help="Time that one run may take, 1 to 60.")
    ] = 30.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole reply as JSON, and nothing else.")
    ] = False,
) -> None:
    """Have code run, or a request answered by a language model that runs code.

    With --url or RINGFENCE_URL a service does it (its key is RINGFENCE_API_KEY), else guests of
    this machine, with the model that RINGFENCE_AGENT_MODEL names. Code needs no model. What is done
    is told on standard error as it is done; the answer comes last, on standard output.

    \b
    Exit status:
      0    answered; where the query was code: it ran to its end
      1    the query was code, and raised an exception
      2    an option is wrong, or the service does not allow what was asked
      3    no model is configured, or guests cannot be had here
      4    a bound was reached: of the code, or of the model's work
      5    the query was code, and crashed
      6    the service or the model failed
      70   a fault of Ringfence
      130  Ctrl-C
    """
    with reporting():
        from ringfence.agent.task import Task
        from ringfence.errors import ConfigurationError

        if query == "-":
            if stdin:
                raise ConfigurationError("--stdin: standard input holds the query already")
            query = _standard_input("QUERY")
        text = _standard_input("--stdin") if stdin else None
        task = Task(
            query=query,
            mode=mode,  # type: ignore[arg-type]  # Task checks it
            session_id=session,
            stdin=text,
            timeout_seconds=timeout,
        )
        where = url or os.environ.get("RINGFENCE_URL")
        if where:
            from ringfence.cli.submit.remote import submit_to

            key = os.environ.get("RINGFENCE_API_KEY") or None
            status = submit_to(where, key, task, as_json=as_json)
        else:
            if session is not None:
                raise ConfigurationError("--session: a service keeps sessions; name it with --url")
            from ringfence.cli.submit.here import submit_here

            status = submit_here(task, as_json=as_json)
    raise typer.Exit(status)


def _standard_input(what: str) -> str:
    from ringfence.errors import ConfigurationError

    data = sys.stdin.buffer.read(_MOST_QUERY + 1)
    if len(data) > _MOST_QUERY:
        raise ConfigurationError(f"{what}: standard input has more than {_MOST_QUERY:,} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{what}: standard input is not UTF-8 text: {error}") from None
