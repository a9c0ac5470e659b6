"""The command line: ``vishwakarma new | info | import | export | run | render | serve | …``."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

import ringfence
from vishwakarma_app import block_commands, extension_commands
from vishwakarma_app.blocks import BlockRunner
from vishwakarma_app.document import Document
from vishwakarma_app.errors import ExtensionRefused, VishwakarmaError
from vishwakarma_app.extensions import (
    Extension,
    ExtensionKind,
    Outcome,
    load,
    run_extension,
    shipped,
)
from vishwakarma_app.printing import printable, say
from vishwakarma_app.rendering import LARGEST_SIDE, LINE_WIDTH, png_of_svg, render_svg
from vishwakarma_app.storage import read_document, replacing, write_document
from vishwakarma_app.workshop import Catalogue

if TYPE_CHECKING:
    from vishwakarma_app.demo import Step

__all__ = ["app", "main"]

app = typer.Typer(
    name="vishwakarma",
    help="A small CAD application whose extensions run in sandboxes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


app.add_typer(block_commands.app)
app.add_typer(extension_commands.app)


class View(StrEnum):
    """From where to look."""

    auto = "auto"
    plan = "plan"
    isometric = "isometric"


class Wire(StrEnum):
    """How an extension and the application speak."""

    protobuf = "protobuf"
    packed = "packed"


Model = Annotated[Path, typer.Argument(help="The model: a .vk file.", show_default=False)]
Engine = Annotated[str, typer.Option(help="The engine: native, wasi, or auto.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", help="A parameter, as name=value. May be repeated."),
]
WireOption = Annotated[Wire, typer.Option(help="How the extension speaks; it does not notice.")]
Folder = Annotated[
    Path | None,
    typer.Option("--extension", help="An extension of your own: the folder of plugin.toml."),
]
Using = Annotated[
    str, typer.Option("--using", help="An extension by name, where a suffix does not tell which.")
]


@app.command()
def new(
    model: Model, unit: Annotated[str, typer.Option(help="mm, cm, m, km, in, ft or none.")] = "mm"
) -> None:
    """Make an empty model."""
    if model.exists():
        raise VishwakarmaError(f"{model.name}: there is a file already")
    write_document(model, Document(unit))


@app.command()
def info(model: Model) -> None:
    """Say what is in a model."""
    document = read_document(model)
    evaluated(model, document, "auto")
    box = document.extent()
    say(f"unit      {document.unit}")
    say(f"elements  {len(document)}")
    for kind, count in sorted(Counter(one.kind for one in document).items()):
        say(f"  {kind:<12}{count}")
    say(f"layers    {len(document.layers)}")
    on = Counter(one.layer for one in document)
    for layer in document.layers.values():
        hidden = "" if layer.visible else "  hidden"
        say(f"  {layer.name:<12}{on[layer.name]}  #{layer.color:08x}{hidden}")
    if box is not None:
        say(f"from      {box.x1:g} {box.y1:g} {box.z1:g}")
        say(f"to        {box.x2:g} {box.y2:g} {box.z2:g}")


@app.command(name="import")
def import_(
    model: Model,
    file: Annotated[Path, typer.Argument(help="What to import.", show_default=False)],
    settings: Settings = None,
    engine: Engine = "auto",
    wire: WireOption = Wire.protobuf,
    extension: Folder = None,
    using: Using = "",
) -> None:
    """Import a file into a model: by its suffix, or with an extension of your own."""
    document = read_document(model)
    chosen = choose("importer", file.suffix.lower(), extension, using)
    with file.open("rb") as source:
        done = run(document, chosen, settings, engine, wire, source=source)
    write_document(model, document)
    say(f"{chosen.name}: {done.created} elements, on {done.engine}")


@app.command()
def export(
    model: Model,
    file: Annotated[Path, typer.Argument(help="What to write.", show_default=False)],
    settings: Settings = None,
    engine: Engine = "auto",
    wire: WireOption = Wire.protobuf,
    extension: Folder = None,
    using: Using = "",
) -> None:
    """Export a model to a file: by its suffix, or with an extension of your own."""
    document = read_document(model)
    chosen = choose("exporter", file.suffix.lower(), extension, using)
    evaluated(model, document, "auto")
    with replacing(file) as target:
        done = run(document, chosen, settings, engine, wire, target=target)
    say(f"{chosen.name}: {file.stat().st_size} bytes, on {done.engine}")


@app.command(name="run")
def run_command(
    model: Model,
    command: Annotated[str, typer.Argument(help="A command's name; see `extensions`.")] = "",
    select: Annotated[str, typer.Option(help="Ids to select, such as 3,5,7; or all.")] = "",
    settings: Settings = None,
    engine: Engine = "auto",
    wire: WireOption = Wire.protobuf,
    extension: Folder = None,
) -> None:
    """Run a command over a model."""
    document = read_document(model)
    chosen = load(extension) if extension is not None else named("command", command)
    if select == "all":
        document.select(document.children())
    elif select:
        try:
            document.select(int(one) for one in select.split(","))
        except ValueError:
            raise VishwakarmaError(f"--select: ids were expected, got {select!r}") from None
    done = run(document, chosen, settings, engine, wire)
    write_document(model, document)
    say(
        f"{chosen.name}: {done.created} created, {done.updated} updated, {done.deleted} deleted, "
        f"on {done.engine}"
    )


@app.command()
def render(
    model: Model,
    output: Annotated[Path, typer.Option("-o", "--output", help="A .svg or .png file.")],
    view: Annotated[
        View, typer.Option(help="auto: isometric if there is anything in space.")
    ] = View.auto,
    side: Annotated[int, typer.Option(help="Pixels of the longer side of a PNG.")] = 1_600,
    line_width: Annotated[
        float, typer.Option(help="Width of lines, as a part of the longer side.")
    ] = LINE_WIDTH,
) -> None:
    """Draw a model."""
    if output.suffix.lower() not in {".svg", ".png"}:
        raise VishwakarmaError(f"{output.name}: pictures are .svg or .png")
    vector = output.suffix.lower() == ".svg"
    if not vector and not 16 <= side <= LARGEST_SIDE:  # before minutes of work
        raise VishwakarmaError(f"a picture has from 16 to {LARGEST_SIDE} pixels, not {side}")
    if not 0 < line_width <= 0.1:
        raise VishwakarmaError(f"--line-width: more than 0, at most 0.1, not {line_width}")
    document = read_document(model)
    evaluated(model, document, "auto")
    svg = render_svg(document, view.value, line_width=line_width, pixels=0 if vector else side)
    data = svg.encode() if vector else png_of_svg(svg, side)
    with replacing(output) as file:
        file.write(data)


@app.command()
def serve(
    model: Annotated[
        Path | None, typer.Argument(help="The model to open, and to save to.", show_default=False)
    ] = None,
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1; 0: any that is free.")] = 0,
    engine: Engine = "auto",
    extension: Annotated[
        list[Path] | None,
        typer.Option("--extension", help="Another extension: its folder. May be repeated."),
    ] = None,
) -> None:
    """Open a model in a browser: prints an address that only you should know, until Ctrl-C."""
    try:
        from vishwakarma_app.web import Server
    except ModuleNotFoundError as error:
        raise VishwakarmaError(
            f"{error.name} is not installed; pip install vishwakarma[web] brings what this needs"
        ) from None
    installed = extension_commands.installed()
    own: dict[str, Extension] = {}
    for folder in extension or ():
        one = load(folder)
        if one.name in shipped() or one.name in own:
            raise ExtensionRefused(f"{folder.name}: there is an extension {one.name!r} already")
        own[one.name] = one
    catalogue = Catalogue(own=own, installed=installed)
    server = Server(model, catalogue=catalogue, engine=engine, port=port)

    def started() -> None:
        say(f"Open this address in a browser; Ctrl-C ends it.\n\n    {server.url}\n")
        sys.stdout.flush()

    with contextlib.suppress(KeyboardInterrupt):  # the way to end it
        server.serve(started)
    if server.changed:
        say("Changes that were not saved are gone.")


@app.command()
def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write to.")] = Path(
        "vishwakarma-demo"
    ),
    blocks: Annotated[int, typer.Option(help="How many blocks.")] = 10_000,
    engine: Annotated[str, typer.Option(help="Where blocks run: native, wasi, or auto.")] = "auto",
) -> None:
    """Build a site of 10,000 blocks, import, draw, change, undo, export; say what it took."""
    # The demo needs what nothing else here does.
    from vishwakarma_app.demo import run_demo

    start = time.perf_counter()
    with shown_steps() as tell:
        run_demo(output, blocks=blocks, engine=engine, tell=tell)
    files = ", ".join(sorted(one.name for one in output.iterdir()))
    say(f"done in {time.perf_counter() - start:.1f} s; in {output}: {files}")


@app.command()
def extensions() -> None:
    """List the extensions that come with it and those that are installed, with their parameters."""
    catalogue = extension_commands.catalogue()
    for one in catalogue.extensions.values():
        say(f"{one.name:<14}{one.kind:<10}{', '.join(one.engines):<14}{one.title}")
        for name, parameter in one.parameters.items():
            say(f"    --set {name}={parameter.default}  {parameter.help}".rstrip())
    extension_commands.say_installed(catalogue)


def named(kind: ExtensionKind, name: str) -> Extension:
    """The extension of a name: one that comes with it, or one that is installed.

    Raises:
        ExtensionRefused: there is none, it is of another kind, or it is not loaded.
    """
    if name in shipped() and shipped()[name].kind == kind:
        return shipped()[name]
    catalogue = extension_commands.catalogue()
    if name not in shipped() and name in {one.name for one in catalogue.installed}:
        one = catalogue.extension(name)
        if one.kind == kind:
            return one
    known = ", ".join(one.name for one in catalogue.extensions.values() if one.kind == kind)
    raise ExtensionRefused(f"there is no {kind} {name!r}; there are {known}")


def choose(
    kind: Literal["importer", "exporter"], suffix: str, folder: Path | None, using: str
) -> Extension:
    """The extension in a folder, that of a name, or the first for this suffix: those that come
    with it go before those that are installed.

    Raises:
        ExtensionRefused: there is none, or it is of another kind.
    """
    if folder is not None:
        one = load(folder)
        if one.kind != kind:
            raise ExtensionRefused(f"{one.name} is no {kind}")
        return one
    if using:
        return named(kind, using)
    for one in shipped().values():
        if one.kind == kind and suffix in one.suffixes:
            return one
    catalogue = extension_commands.catalogue()
    fitting = [one for one in catalogue.extensions.values() if one.kind == kind]
    for one in fitting:
        if suffix in one.suffixes:
            return catalogue.extension(one.name)
    known = ", ".join(suffix for one in fitting for suffix in one.suffixes)
    raise ExtensionRefused(
        f"there is no {kind} for {suffix or 'files without a suffix'}; there are {known}"
        + catalogue.missing
    )


def run(
    document: Document,
    extension: Extension,
    settings: list[str] | None,
    engine: str,
    wire: Wire,
    **files: Any,
) -> Outcome:
    """Run an extension with the parameters of the command line, and show how far it is."""
    given: dict[str, object] = {}
    for setting in settings or ():
        name, equals, value = setting.partition("=")
        if not equals:
            raise VishwakarmaError(f"--set: name=value was expected, got {setting!r}")
        given[name] = value
    with shown_progress(extension.title) as progress:
        done = run_extension(
            document,
            extension,
            parameters=given,
            engine=engine,
            wire=wire.value,
            progress=progress,
            **files,
        )
    if done.stdout:
        say(done.stdout.rstrip("\n"))
    return done


@contextlib.contextmanager
def shown_progress(title: str) -> Iterator[Callable[[float | None, str], None] | None]:
    """A bar on a terminal; elsewhere nothing."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=1.0)

        def show(fraction: float | None, message: str) -> None:
            text = Text(f"{title}: {message}" if message else title).markup
            bar.update(task, completed=fraction or 0.0, description=text)

        yield show


@contextlib.contextmanager
def shown_steps() -> Iterator[Callable[[str, Step | None], None]]:
    """Steps of the demo, a line for each; on a terminal with what is going on."""
    console = Console(highlight=False, soft_wrap=True)
    with contextlib.ExitStack() as stack:
        status = stack.enter_context(console.status("")) if console.is_terminal else None

        def tell(title: str, step: Step | None) -> None:
            if step is None:
                if status is not None:
                    status.update(f"[bold]{title}[/bold] …")
                return
            line = Text()
            line.append(f"{step.title:<13}", style="bold cyan")
            line.append(f"{_duration(step.seconds):>9}  ", style="green")
            line.append(printable(step.done))
            if step.file is not None:
                line.append(f"  {printable(step.file.name)}", style="magenta")
            console.print(line)

        yield tell


def _duration(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{1000 * seconds:.1f} ms"


def evaluated(model: Path, document: Document, engine: str) -> None:
    """Evaluate a model's blocks; say on stderr which failed."""
    if not document.query(kind="block", limit=1):
        return
    with BlockRunner(document, engine=engine) as runner:
        for one in runner.evaluate().failed:
            sys.stderr.write(f"{printable(model.name)}: {printable(one.message)}\n")


def main() -> None:
    """Run the command line; what goes wrong is one line on stderr and status 1."""
    try:
        app(standalone_mode=True)
    except (VishwakarmaError, ringfence.RingfenceError) as error:
        fail(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        fail(f"{error.filename or 'the system'}: {error.strerror or error}")
    except KeyboardInterrupt:
        fail("cancelled; the model is as it was", 130)


def fail(message: str, status: int = 1) -> None:
    """Say on stderr what went wrong, and end."""
    text = "".join(one if one.isprintable() or one == "\n" else "\ufffd" for one in message)
    sys.stderr.write(f"vishwakarma: {text}\n")
    sys.exit(status)
