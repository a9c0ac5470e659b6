"""The command line: ``worldgen serve | demo | plugins``."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.text import Text

import ringfence
from worldgen.errors import WorldgenError
from worldgen.printing import printable, say

__all__ = ["app", "main"]

app = typer.Typer(
    name="worldgen",
    help="A server for procedural worlds whose terrain comes from untrusted plugins.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Engine = Annotated[str, typer.Option(help="What runs plugins; it has to have NumPy.")]


@app.command()
def serve(
    folder: Annotated[
        Path,
        typer.Option(help="For worlds, tiles and the workshop; made if it is not there."),
    ] = Path("worlds"),
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1; 0: any that is free.")] = 0,
    engine: Engine = "auto",
    database: Annotated[
        str, typer.Option(help="Of the worlds, as SQLAlchemy has it. Default: SQLite, in FOLDER.")
    ] = "",
    cache: Annotated[int, typer.Option(help="MiB of tiles that are kept.", min=1)] = 256,
) -> None:
    """Open the worlds in a browser: prints an address that only you should know, until Ctrl-C."""
    # What it needs takes longer to load than --help to print.
    from worldgen.atlas import Atlas
    from worldgen.catalogue import Catalogue
    from worldgen.web import Server

    if not (folder / "workshop").exists():
        say("A new workshop: its plugins are analysed, tried and signed, once.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        catalogue = Catalogue.open(folder / "workshop", engine=engine)
        stack.callback(catalogue.close)
        atlas = Atlas(folder, catalogue, engine=engine, cache_bytes=cache << 20, database=database)
        stack.callback(atlas.close)
        server = Server(atlas, port=port)

        def started() -> None:
            say(f"Open this address in a browser; Ctrl-C ends it.\n\n    {server.url}\n")

        with contextlib.suppress(KeyboardInterrupt):  # the way to end it
            server.serve(started)


@app.command()
def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="The map to write.")] = Path(
        "map.png"
    ),
    folder: Annotated[
        Path | None, typer.Option(help="To keep worlds and workshop in; default: none is kept.")
    ] = None,
    engine: Engine = "auto",
) -> None:
    """Start a server with its workshop, make a world from three plugins, draw and check its map,
    and upload two plugins that mean harm.
    """
    from worldgen.demo import Step, run_demo

    console = Console(highlight=False, soft_wrap=True)

    def tell(step: Step) -> None:
        line = Text()
        line.append(f"{step.title:<12}", style="bold cyan")
        line.append(f"{_duration(step.seconds):>9}  ", style="green")
        line.append(printable(step.done))
        console.print(line)

    with contextlib.ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="worldgen-")))
        run_demo(folder, output, engine=engine, tell=tell)


@app.command()
def plugins() -> None:
    """List the plugins that come with it, with their parameters."""
    from worldgen.shipped import shipped

    for bundle in shipped().values():
        one = bundle.manifest
        say(f"{one.name:<18}{one.version_text:<8}{one.description}")
        for name, parameter in one.parameters.items():
            unit = f" {parameter.unit}" if parameter.unit else ""
            say(f"    {name} = {parameter.default}{unit}: {parameter.help}")


def _duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{1000 * seconds:.1f} ms"


def main() -> None:
    """Run the command line; what goes wrong is one line on stderr and status 1."""
    try:
        app(standalone_mode=True)
    except (WorldgenError, ringfence.RingfenceError) as error:
        _fail(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        _fail(f"{error.filename or 'the system'}: {error.strerror or error}")
    except KeyboardInterrupt:
        sys.exit(130)


def _fail(message: str) -> NoReturn:
    sys.stderr.write(f"worldgen: {printable(' '.join(message.splitlines()))}\n")
    sys.exit(1)
