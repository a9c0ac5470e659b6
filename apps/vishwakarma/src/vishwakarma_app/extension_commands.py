"""``vishwakarma ext add | search | install | update | remove | list | …``: extensions of others."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from ringfence.errors import ConsentNeeded, RingfenceError
from ringfence.workshop.signing import Release
from vishwakarma_app.blocks import BlockLibrary
from vishwakarma_app.errors import VishwakarmaError
from vishwakarma_app.manifests import GRANTS
from vishwakarma_app.printing import printable, say
from vishwakarma_app.workshop import (
    Catalogue,
    Installed,
    InstalledExtension,
    Workshops,
    data_folder,
)

__all__ = ["app", "catalogue", "installed", "say_installed"]

T = TypeVar("T")

app = typer.Typer(
    name="ext",
    help="Extensions and libraries of blocks from workshops.",
    no_args_is_help=True,
    add_completion=False,
)

Name = Annotated[str, typer.Argument(help="Its name.", show_default=False)]
Allow = Annotated[
    list[str] | None,
    typer.Option("--allow", help="A grant to agree to. May be repeated."),
]
_LARGEST_ROOT = 1 << 20


def installed() -> Installed:
    """What this person has installed."""
    workshops = Workshops(data_folder())
    atexit.register(workshops.close)
    return Installed(workshops)


def catalogue() -> Catalogue:
    """What this person can run and insert."""
    return Catalogue(installed=installed())


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Where it is: https://…", show_default=False)],
    root: Annotated[
        Path,
        typer.Option(
            "--root", help="Its root, which everything of it is believed by; not from there."
        ),
    ],
) -> None:
    """Add a workshop to install from."""
    with root.open("rb") as file:
        data = file.read(_LARGEST_ROOT + 1)
    one = installed().workshops.add(url, data)
    say(f"{one.url}: added, and what it signed is verified")


@app.command()
def forget(url: Annotated[str, typer.Argument(help="Where it is.", show_default=False)]) -> None:
    """Drop a workshop that nothing is installed from."""
    installed().workshops.forget(url)


@app.command()
def search(query: Annotated[str, typer.Argument(help="Words.")] = "") -> None:
    """Find extensions and libraries in the workshops that were added."""
    found, failed = installed().search(query)
    for one in found:
        said = "  comes with the application" if one.shipped else ""
        say(f"{one.name:<24}{one.version:<10}{one.kind:<10}{one.title}{said}")
        if one.description:
            say(f"    {one.description}")
        if one.grants:
            say(f"    asks for {', '.join(one.grants)}")
    _tell(failed)
    if not found and not failed:
        say("Nothing was found.")


@app.command()
def install(
    name: Name,
    version: Annotated[str, typer.Option(help="Another version than the newest.")] = "",
    workshop: Annotated[str, typer.Option(help="Where to take it from.")] = "",
    allow: Allow = None,
) -> None:
    """Install an extension or a library of blocks."""
    home = installed()
    taken = _agreeing(
        allow,
        lambda agreed: home.install(
            name, version or None, workshop=workshop or None, agreed=agreed
        ),
    )
    say(f"{taken.name} {taken.version}: installed, {taken.kind}")


@app.command()
def update(
    names: Annotated[list[str] | None, typer.Argument(help="Which; all of them if none.")] = None,
    allow: Allow = None,
) -> None:
    """Update what is installed to its newest version."""
    home = installed()
    failed = []
    for name in names or home.names():
        try:
            before, taken = _agreeing(allow, partial(_update, home, name))
        except (RingfenceError, VishwakarmaError) as error:
            if names and len(names) == 1:
                raise
            failed.append(f"{name}: {error}")
            continue
        if taken.status == "revoked":
            failed.append(
                f"{name} {taken.version}: revoked ({taken.reason}), and nothing newer is there; "
                f"`vishwakarma ext remove {name}` removes it"
            )
        elif taken.version == before:
            say(f"{name} {before}: nothing newer")
        else:
            say(f"{name} {taken.version}: updated from {before}")
    _tell(failed)
    if failed:
        raise typer.Exit(1)


@app.command()
def remove(name: Name) -> None:
    """Remove what is installed. Blocks that models have of it stay in them."""
    installed().remove(name)
    say(f"{name}: removed")


@app.command()
def refresh() -> None:
    """Get what the workshops signed last: new versions, and what was revoked."""
    failed = installed().refresh()
    _tell(failed)
    if failed:
        raise typer.Exit(1)


@app.command(name="list")
def list_() -> None:
    """List the workshops that were added, and what is installed, with its state."""
    home = installed()
    for one in home.workshops:
        say(one.url)
    say_installed(Catalogue(installed=home))


def _update(home: Installed, name: str, agreed: list[str]) -> tuple[str, Release]:
    return home.update(name, agreed=agreed)


def say_installed(catalogue: Catalogue) -> None:
    """A line for each that is installed; why, where it is not loaded."""
    if catalogue.trouble:
        _tell([catalogue.trouble])
    for one in catalogue.installed:
        kind = "" if one.loaded is None else _kind(one)
        state = f"update to {one.newest}" if one.state == "update" else one.state
        title = "" if one.loaded is None else one.loaded.title
        say(f"{one.name:<24}{one.version:<10}{kind:<10}{state:<18}{title}".rstrip())
        if one.message:
            say(f"    {one.message}")


def _kind(one: InstalledExtension) -> str:
    if isinstance(one.loaded, BlockLibrary) or one.loaded is None:
        return "blocks"
    return one.loaded.kind


def _agreeing(allow: list[str] | None, do: Callable[[list[str]], T]) -> T:
    """Do what may ask for more than was agreed to; on a terminal a person is asked.

    Raises:
        VishwakarmaError: nobody agreed.
    """
    agreed = list(allow or ())
    try:
        return do(agreed)
    except ConsentNeeded as error:
        asked = ", ".join(f"{one} ({GRANTS.get(one, 'unknown here')})" for one in error.grants)
        what = f"{error.name} {error.version} asks to {asked}"
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            options = " ".join(f"--allow {one}" for one in error.grants)
            raise VishwakarmaError(
                f"{printable(what)}; nothing was installed. Who agrees adds {options}"
            ) from error
        if not typer.confirm(f"{printable(what)}. Agree?", err=True):
            raise VishwakarmaError("nothing was installed") from error
        return do([*agreed, *error.grants])


def _tell(failed: Iterable[str]) -> None:
    for one in failed:
        sys.stderr.write(f"vishwakarma: {printable(one)}\n")
