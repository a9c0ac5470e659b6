"""``vishwakarma block list | insert | set | failed | evaluate``: the blocks of a model."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from vishwakarma_api.v1.shapes import BlockInstance
from vishwakarma_app.blocks import (
    LIBRARY,
    PUBLISHER,
    BlockRunner,
    LibraryBlock,
    Parameter,
    define,
    insert,
    publisher_of,
    set_parameters,
)
from vishwakarma_app.document import DEFAULT_LAYER, Document
from vishwakarma_app.errors import BlockRefused, VishwakarmaError
from vishwakarma_app.extension_commands import catalogue
from vishwakarma_app.printing import say
from vishwakarma_app.storage import read_document, write_document

__all__ = ["app"]

app = typer.Typer(
    name="block",
    help="The parametric blocks of a model.",
    no_args_is_help=True,
    add_completion=False,
)

Model = Annotated[Path, typer.Argument(help="The model: a .vk file.", show_default=False)]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", help="A parameter, as name=value. May be repeated."),
]
Engine = Annotated[str, typer.Option(help="The engine: native, wasi, or auto.")]


@app.command(name="list")
def list_(
    model: Annotated[
        Path | None, typer.Argument(help="A model; without one, the library.", show_default=False)
    ] = None,
) -> None:
    """List blocks with their parameters: those of the library, or those of a model."""
    document = Document() if model is None else read_document(model)
    counts = Counter(
        one.shape.block
        for one in document.query(kind="block")
        if isinstance(one.shape, BlockInstance)
    )
    library = catalogue().library
    names = library if model is None else sorted({*document.blocks, *counts})
    with BlockRunner(document, library=library) as runner:
        for name in names:
            said = f"{name:<18}"
            if model is None:
                by = library[name].publisher
                say(said + library[name].title + (f"  by {by}" if by != PUBLISHER else ""))
            elif name in document.blocks:
                publisher = publisher_of(name, document.blocks[name]) or "the document"
                say(f"{said}{counts[name]:>6}  by {publisher}")
            else:
                say(f"{said}{counts[name]:>6}  not defined")
                continue
            try:
                for parameter in runner.parameters(name):
                    say(f"    {_described(parameter)}")
            except BlockRefused as error:
                say(f"    {error}")


def _described(parameter: Parameter) -> str:
    if parameter.type == "Geometry":
        return f"--input {parameter.name}=ID"
    default = "" if parameter.default is None else _written(parameter.default)
    said = f"--set {parameter.name}={default}"
    if parameter.low is not None and parameter.high is not None:
        said += f"  {parameter.low:g} to {parameter.high:g}"
    return f"{said}  {parameter.title}".rstrip()


def _written(value: Any) -> str:
    return ",".join(map(_written, value)) if isinstance(value, tuple) else str(value)


@app.command(name="insert")
def insert_(
    model: Model,
    name: Annotated[str, typer.Argument(help="A block; see `block list`.", show_default=False)],
    settings: Settings = None,
    at: Annotated[str, typer.Option(help="Where it stands: x,y or x,y,z.")] = "0,0",
    turn: Annotated[float, typer.Option(help="Degrees about the z axis.")] = 0.0,
    scale: Annotated[float, typer.Option(help="By how much it is larger.")] = 1.0,
    layer: Annotated[str, typer.Option(help="A layer; it is made if it is not there.")] = "0",
    parent: Annotated[int, typer.Option(help="The element that it belongs to.")] = 0,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", help="For an input an element, as name=id. May be repeated."),
    ] = None,
    limits: Annotated[
        list[str] | None,
        typer.Option("--limit", help="steps, recursion, primitives or wall of it, as name=value."),
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--source", help="Define the block by this script first.")
    ] = None,
    engine: Engine = "auto",
) -> None:
    """Insert a block. The model stays as it was if the block cannot be evaluated."""
    document = read_document(model)
    if source is not None:
        define(document, name, _script(source))
    library: Mapping[str, LibraryBlock] = LIBRARY
    if name not in document.blocks and name not in LIBRARY:
        library = catalogue().blocks_for(name)
    with BlockRunner(document, engine=engine, library=library) as runner:
        values = _values(_parameters(runner, document, name, library), settings)
        if layer != DEFAULT_LAYER and layer not in document.layers:
            with document.transaction("layer") as edit:
                edit.set_layer(layer)
        made = insert(
            document,
            name,
            parameters=values,
            transform=_transform(at, turn, scale),
            layer=layer,
            parent=parent,
            inputs={key: _whole("--input", value) for key, value in _pairs("--input", inputs)},
            limits={key: _number("--limit", value) for key, value in _pairs("--limit", limits)},
            library=library,
        )
        _save(model, document, runner, [made])
    say(f"{name}: element {made}")


@app.command(name="set")
def set_(
    model: Model,
    element: Annotated[int, typer.Argument(help="The id of a block.", show_default=False)],
    settings: Settings = None,
    engine: Engine = "auto",
) -> None:
    """Change parameters of a block, and evaluate what depends on it. The model stays as it was if
    the block cannot be evaluated.
    """
    document = read_document(model)
    shape = document[element].shape
    if not isinstance(shape, BlockInstance):
        raise VishwakarmaError(f"element {element} is a {shape.kind}, no block instance")
    library = catalogue().library
    with BlockRunner(document, engine=engine, library=library) as runner:
        runner.evaluate()
        values = _values(_parameters(runner, document, shape.block, library), settings)
        set_parameters(document, element, values)
        start = time.perf_counter()
        count = _save(model, document, runner, [element])
        took = time.perf_counter() - start
    say(f"{shape.block}: {count} evaluated and saved in {1_000 * took:.0f} ms")


@app.command()
def failed(model: Model, engine: Engine = "auto") -> None:
    """List the blocks of a model that cannot be evaluated: element, block, line and reason."""
    document = read_document(model)
    with BlockRunner(document, engine=engine) as runner:
        found = runner.evaluate().failed
    for one in found:
        say(one.message)
    if found:
        raise typer.Exit(1)


@app.command()
def evaluate(model: Model, engine: Engine = "auto") -> None:
    """Evaluate the blocks of a model, and keep the results in it."""
    document = read_document(model)
    with BlockRunner(document, engine=engine) as runner:
        start = time.perf_counter()
        done = runner.evaluate()
        took = time.perf_counter() - start
        hits, misses = runner.cached
        runner.keep_results()
    write_document(model, document)
    say(f"{len(done.evaluated)} blocks in {took:.2f} s: {misses} evaluated, {hits} results kept")
    for one in done.failed:
        say(one.message)


def _save(model: Path, document: Document, runner: BlockRunner, wanted: Sequence[int]) -> int:
    """Evaluate and save; not if one that is wanted fails. How many have another geometry."""
    done = runner.evaluate()
    for one in done.failed:
        if one.element in wanted:
            raise BlockRefused(f"{one.message}; the model is as it was", one.name, one.line)
    runner.keep_results()
    write_document(model, document)
    return len(done.evaluated)


def _script(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise VishwakarmaError(f"{path.name}: this is no text in UTF-8") from None


def _parameters(
    runner: BlockRunner, document: Document, name: str, library: Mapping[str, LibraryBlock]
) -> dict[str, Parameter]:
    if name not in document.blocks and name not in library:
        known = ", ".join(sorted({*document.blocks, *library}))
        raise BlockRefused(f"there is no block {name[:40]!r}; there are {known}", name)
    return {one.name: one for one in runner.parameters(name)}


def _values(known: dict[str, Parameter], settings: list[str] | None) -> dict[str, Any]:
    """Parameters of the command line, each as its type says; others are refused later."""
    found: dict[str, Any] = {}
    for name, text in _pairs("--set", settings):
        wanted = known[name].type if name in known else "str"
        if wanted in {"int", "float"}:
            found[name] = _number(f"--set {name}", text)
        elif wanted == "bool":
            if text.lower() not in {"true", "false", "yes", "no", "1", "0"}:
                raise VishwakarmaError(f"--set {name}: yes or no was expected, got {text!r}")
            found[name] = text.lower() in {"true", "yes", "1"}
        elif wanted == "tuple[float, ...]":
            parts = text.split(",") if text else []
            found[name] = tuple(_number(f"--set {name}", one) for one in parts)
        else:
            found[name] = text
    return found


def _pairs(option: str, given: list[str] | None) -> list[tuple[str, str]]:
    found = []
    for one in given or ():
        name, equals, value = one.partition("=")
        if not equals:
            raise VishwakarmaError(f"{option}: name=value was expected, got {one!r}")
        found.append((name, value))
    return found


def _number(option: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise VishwakarmaError(f"{option}: a number was expected, got {text!r}")
    return number


def _whole(option: str, text: str) -> int:
    number = _number(option, text)
    if number != int(number):
        raise VishwakarmaError(f"{option}: an id was expected, got {text!r}")
    return int(number)


def _transform(at: str, turn: float, scale: float) -> tuple[float, ...]:
    place = [_number("--at", one) for one in at.split(",")]
    if len(place) not in {2, 3}:
        raise VishwakarmaError(f"--at: x,y or x,y,z was expected, got {at!r}")
    if not scale > 0 or not math.isfinite(turn) or not math.isfinite(scale):
        raise VishwakarmaError("--turn is an angle, and --scale is more than 0")
    x, y, z = [*place, 0.0][:3]
    c, s = scale * math.cos(math.radians(turn)), scale * math.sin(math.radians(turn))
    if turn % 90 == 0:
        c, s = scale * round(c / scale), scale * round(s / scale)
    return (c, -s, 0.0, x, s, c, 0.0, y, 0.0, 0.0, scale, z)
