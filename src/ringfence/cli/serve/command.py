"""The command that runs the service."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from ringfence.cli.report import complain, reporting
from ringfence.errors import ConfigurationError

__all__ = ["serve", "with_service"]

_LIBRARIES = frozenset(
    {
        "alembic",
        "fastapi",
        "httptools",
        "httpx",
        "prometheus_client",
        "pydantic",
        "pydantic_settings",
        "sqlalchemy",
        "starlette",
        "uvicorn",
        "uvloop",
        "websockets",
    }
)


@contextlib.contextmanager
def with_service() -> Iterator[None]:
    """Around a command of the service: turns what it raises into a message and an exit status."""
    with reporting():
        try:
            yield
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] not in _LIBRARIES:
                raise
            raise ConfigurationError(
                f"the service needs {error.name}, which this Python does not have. Get it with: "
                "pip install 'ringfence[server]'"
            ) from None


def serve(
    host: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="To listen at. [default: 127.0.0.1]"),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(metavar="PORT", help="0 takes any that is free. [default: 8000]"),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="sqlite:///PATH or postgresql://USER@HOST/NAME. [default: a file of this user's]",
        ),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The engine of runs that name none. [default: auto]"),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="A host name that requests may name. May be repeated."),
    ] = None,
    package: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A package that runs may ask for. May be repeated."),
    ] = None,
    plugin: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", help="A plugin to publish. May be repeated."),
    ] = None,
) -> None:
    """Serve runs and sessions over HTTP until Ctrl-C or SIGTERM, and print its address.

    Everything else is decided by the environment: docs/configuration.md lists the variables. An
    option here goes before its variable. Listening at an address that others reach needs a key:
    ringfence keys create.

    \b
    Exit status:
      0  stopped; sessions are saved
      2  an option or a variable is wrong, or there is no key for a public address
      3  no engine can run here
      6  the port is taken, or the database does not answer
    """
    with with_service():
        from ringfence.server.serving import Server
        from ringfence.server.settings import Settings

        given = {
            "host": host,
            "port": port,
            "database": database,
            "engine": engine,
            "names": tuple(name) if name else None,
            "packages": tuple(package) if package else None,
            "plugins": tuple(plugin) if plugin else None,
        }
        settings = Settings.read(**{key: one for key, one in given.items() if one is not None})
        server = Server(settings)

        def started() -> None:
            sys.stdout.write(f"{server.url}\n")
            sys.stdout.flush()
            complain(f"try: {curl(server.url)}", "serve")

        server.serve(started)


def curl(url: str) -> str:
    """A line for a shell that runs something."""
    return (
        f"curl -s {url}/v1/execute -H 'Content-Type: application/json' "
        '-d \'{"code": "print(1 + 1)"}\''
    )
