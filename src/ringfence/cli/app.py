"""The commands and their options. What they do is imported when they are called."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ringfence.cli.audit.app import audit_app
from ringfence.cli.keys.app import keys_app, tenants_app
from ringfence.cli.mcp.command import mcp_app
from ringfence.cli.options import (
    Cpu,
    Disk,
    DisplaysFolder,
    Engines,
    GivenFiles,
    Memory,
    OtherLimits,
    Packages,
    Python,
    Readable,
    Threads,
    Timeout,
    Walls,
)
from ringfence.cli.serve.command import serve
from ringfence.cli.submit.command import submit
from ringfence.cli.workshop.app import workshop_app

__all__ = ["app"]

app = typer.Typer(
    help="Run Python you do not trust: fresh sandboxes, limits that are enforced or refused.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help is quicker, and reads as well in a pipe
    context_settings={"help_option_names": ["-h", "--help"]},
)

image_app = typer.Typer(
    help="Images that guests start from: built once, or installed as a wheel and finished here.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(image_app, name="image")
app.add_typer(workshop_app, name="workshop")
app.command()(serve)
app.add_typer(keys_app, name="keys")
app.add_typer(tenants_app, name="tenants")
app.add_typer(audit_app, name="audit")
app.add_typer(mcp_app, name="mcp")
app.command()(submit)

_JSON = typer.Option("--json", help="Print JSON and nothing else.")


def _print_version(wanted: bool) -> None:
    if wanted:
        from ringfence import __version__

        sys.stdout.write(f"ringfence {__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """Run Python you do not trust: fresh sandboxes, limits that are enforced or refused."""


@app.command()
def run(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE", help="The program; - is standard input.", show_default=False
        ),
    ] = None,
    code: Annotated[
        str | None, typer.Option("-c", "--code", metavar="CODE", help="The program itself.")
    ] = None,
    engine: Engines = None,
    memory: Memory = None,
    timeout: Timeout = None,
    cpu: Cpu = None,
    threads: Threads = None,
    disk: Disk = None,
    limit: OtherLimits = None,
    package: Packages = None,
    read: Readable = None,
    given: GivenFiles = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Write the files that the program leaves in its working folder; those that were "
            "given and are unchanged are left out.",
        ),
    ] = None,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Let the guest read this command's standard input.")
    ] = False,
    python: Python = None,
    walls: Walls = None,
    displays: DisplaysFolder = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole result as JSON, and nothing else.")
    ] = False,
) -> None:
    """Run a program in a fresh guest that sees nothing of this machine.

    What it prints comes live, with control characters written out; the value of its last expression
    comes last.

    \b
    Exit status:
      0    the program ran to its end
      1    it raised an exception
      2    an option is wrong
      3    a limit, a grant or a wall cannot be had here
      4    the program reached a limit
      5    it crashed, or was killed for attacking
      6    this machine ran out of something
      70   a fault of Ringfence
      130  Ctrl-C
    """
    from ringfence.cli.report import reporting

    with reporting():
        from ringfence.cli import request as asked
        from ringfence.cli.out import OutFolder
        from ringfence.cli.run import Request, run_program
        from ringfence.displays.folder import DisplayFolder
        from ringfence.errors import ConfigurationError

        if stdin and file == "-":
            raise ConfigurationError("--stdin: standard input holds the program already")
        limits = asked.limits_from(
            memory=memory,
            timeout=timeout,
            cpu=cpu,
            threads=threads,
            disk=disk,
            others=limit or (),
        )
        status = run_program(
            Request(
                source=asked.read_source(file, code),
                limits=limits,
                policy=asked.policy_from(read=read or (), walls=walls or ()),
                engine=engine or (),
                packages=package or (),
                python=python,
                files=asked.read_files(given or ()),
                stdin=asked.stdin_for(limits) if stdin else None,
                folder=None if displays is None else DisplayFolder(displays),
                out=None if out is None else OutFolder(out, limits),
                as_json=as_json,
            )
        )
    raise typer.Exit(status)


@app.command()
def repl(
    engine: Engines = None,
    memory: Memory = None,
    timeout: Timeout = None,
    cpu: Cpu = None,
    threads: Threads = None,
    disk: Disk = None,
    limit: OtherLimits = None,
    package: Packages = None,
    read: Readable = None,
    given: GivenFiles = None,
    python: Python = None,
    walls: Walls = None,
    displays: DisplaysFolder = None,
) -> None:
    """Type Python at a guest that keeps its variables; --timeout and --cpu bound each turn.

    TAB completes with the guest's own names. Ctrl-C cancels what runs and keeps the variables,
    Ctrl-D leaves. %help lists the commands, such as %save and %files. If standard input is no
    terminal, statements and commands are read from it, all of them, also after one that failed.

    \b
    Exit status:
      0    left; from a pipe: every statement and command succeeded
      1, 4, 5  from a pipe: how the first one that did not succeed ended, as for run
      2    an option is wrong; from a pipe: a command was
      3    a limit, a grant or a wall cannot be had here
      6    this machine ran out of something
      70   a fault of Ringfence
      130  Ctrl-C, from a pipe
    """
    from ringfence.cli.report import reporting

    with reporting():
        from ringfence.cli import request as asked
        from ringfence.cli.repl.loop import hold_session
        from ringfence.displays.folder import DisplayFolder

        limits = asked.limits_from(
            memory=memory,
            timeout=timeout,
            cpu=cpu,
            threads=threads,
            disk=disk,
            others=limit or (),
        )
        status = hold_session(
            {
                "engine": engine or "auto",
                "limits": limits,
                "policy": asked.policy_from(read=read or (), walls=walls or ()),
                "packages": package or (),
                "python": python,
                "files": asked.read_files(given or ()),
            },
            None if displays is None else DisplayFolder(displays),
        )
    raise typer.Exit(status)


@app.command()
def doctor(
    engine: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this engine. [default: all]")
    ] = None,
    python: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="Another CPython, 3.11 to 3.14, to run the guests with."),
    ] = None,
    as_json: Annotated[bool, _JSON] = False,
    profile: Annotated[
        bool,
        typer.Option(
            "--profile", help="Print the jails as data, system calls included, and do nothing else."
        ),
    ] = False,
) -> None:
    """Attack sandboxes on this machine, and report what stood.

    Each wall and each limit of each engine is put to the test by a hostile guest, started as your
    own programs start theirs. Nothing is taken on trust: a wall that did not deny, or a limit that
    did not stop, is reported as fallen.

    \b
    Exit status:
      0  everything stood
      1  something fell
      2  an option is wrong
      3  no engine has its full set of walls here; the report says what is missing
    """
    from ringfence.cli.report import reporting

    with reporting():
        from ringfence.cli.doctor import examine
        from ringfence.cli.profiles import print_profiles

        status = print_profiles(engine, as_json) if profile else examine(engine, as_json, python)
    raise typer.Exit(status)


@app.command()
def engines(as_json: Annotated[bool, _JSON] = False) -> None:
    """List the engines: what each can do, and whether it can do it here.

    \b
    Exit status:
      0  at least one can run behind its full set of walls
      3  none can
    """
    from ringfence.cli.report import reporting

    with reporting():
        from ringfence.cli.engines import list_engines

        status = list_engines(as_json)
    raise typer.Exit(status)


@app.command()
def analyze(
    path: Annotated[
        str,
        typer.Argument(metavar="PATH", help="A bundle, a plugin's folder, or a .py file."),
    ],
    form: Annotated[
        str, typer.Option("--format", metavar="FORM", help="text, json or sarif.")
    ] = "text",
    output: Annotated[
        str | None,
        typer.Option("--output", metavar="FILE", help="Write it there instead of printing it."),
    ] = None,
    package: Annotated[
        list[str] | None,
        typer.Option(
            "--package", metavar="NAME", help="Take this package as asked for. May be repeated."
        ),
    ] = None,
    grant: Annotated[
        list[str] | None,
        typer.Option(
            "--grant", metavar="NAME", help="Take this grant as asked for. May be repeated."
        ),
    ] = None,
) -> None:
    """Tell what a plugin's text shows of what it would do. Nothing of it is run or imported.

    What it needs is compared with what its manifest asks for; a .py file asks for nothing but what
    --package and --grant name. It informs: the wall is the engine that runs the plugin.

    \b
    Exit status:
      0  clean: nothing that a person has to look at
      1  refuse: it should not be published as it is
      2  an option is wrong, or PATH is no plugin
      4  review: a person should look at the warnings
    """
    from ringfence.cli.report import reporting

    with reporting():
        from ringfence.cli.analyze import analyze_path

        status = analyze_path(path, form, output, package or (), grant or ())
    raise typer.Exit(status)


@app.command()
def bench(
    seconds: Annotated[
        float, typer.Option(metavar="SECONDS", help="How long to measure, about.")
    ] = 20.0,
    plot: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.png",
            help="Draw the figures too, with matplotlib in a sandbox; it has to be installed.",
        ),
    ] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Measure what sandboxes cost on this machine, beside its peers.

    A fresh sandbox to its first result, round trips with a live one, and how many there are in a
    second; beside a bare Python, a subprocess, and bubblewrap where it is installed. Nothing is
    installed or fetched. Times are in seconds in the JSON.

    \b
    Exit status:
      0  measured
      2  an option is wrong
      3  no engine has its full set of walls here
      6  this machine ran out of something
    """
    from ringfence.cli.report import reporting

    with reporting():
        from ringfence.cli.bench.command import bench as measure

        status = measure(seconds, as_json, plot)
    raise typer.Exit(status)


@image_app.command("build")
def build_image(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="The image: wasi.")],
    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=PATH",
            help="An archive that you have fetched yourself: cpython, zlib or sqlite. It must have "
            "the hash that is expected. May be repeated. An image that is installed is not taken.",
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Build it even if it is there already.")
    ] = False,
) -> None:
    """Build an image, from sources or from a wheel of it, and print the folder that it is in.

    wasi is CPython for WebAssembly: fetched from its authors or from your distribution's mirror,
    checked by hash, compiled with Zig, started once and frozen. That takes minutes, once for each
    version of Ringfence; a build that was stopped goes on where it was. It is kept in your cache
    folder, closed to others, since it holds code that will run as you.

    Where ringfence-image-wasi is installed and belongs to this version, its module is taken:
    nothing is fetched, no compiler is needed, and native code is made of it in half a minute.

    \b
    Exit status:
      0    it is there
      2    an option is wrong
      6    it could not be built; the message names the log
      130  Ctrl-C
    """
    from ringfence.cli.report import reporting

    with reporting():
        from ringfence.cli.image.command import build

        status = build(kind, source or (), anew=again)
    raise typer.Exit(status)


@image_app.command("fetch")
def fetch_image(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="The image: micro, pocketpy.")],
    source: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="The package's archive, or the module in it, that you have fetched yourself. It "
            "must have the hash that is expected.",
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Fetch it even if it is there already.")
    ] = False,
) -> None:
    """Fetch an image that its authors publish ready-made, and print the folder that it is in.

    micro is MicroPython for WebAssembly: one package of npm's registry, or of the registry that
    npm is set to on this machine (NPM_CONFIG_REGISTRY, .npmrc), checked by hash and compiled to
    native code. That takes seconds, and needs neither npm nor node. It is kept in your cache
    folder, closed to others, since it holds code that will run as you.

    pocketpy is PocketPy's library for Linux: one file of a package of Debian's, fetched through
    apt-get from the mirror that this machine uses (with lists of its own: the machine's are not
    touched), checked by hash, and taken out. Nothing is installed, and no rights are needed.

    \b
    Exit status:
      0    it is there
      2    an option is wrong
      6    it cannot be had; the message says from where
      130  Ctrl-C
    """
    from ringfence.cli.report import reporting

    with reporting():
        from ringfence.cli.image.command import fetch

        status = fetch(kind, source, anew=again)
    raise typer.Exit(status)


@image_app.command("wheel")
def write_image_wheel(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="The image: wasi.")],
    out: Annotated[
        str, typer.Option(metavar="FOLDER", help="Where to put it; made if it is not there.")
    ] = ".",
) -> None:
    """Write a wheel of the image that was built, for whoever cannot build it, and print its path.

    It holds what is the same for every machine, and no native code. Where it is installed, image
    build makes the image of it, in this very version of Ringfence. The same image gives the same
    bytes.

    \b
    Exit status:
      0    it is written
      2    an option is wrong
      6    the image was not built, or the wheel cannot be written
      130  Ctrl-C
    """
    from ringfence.cli.report import reporting

    with reporting():
        from ringfence.cli.image.command import write_wheel

        status = write_wheel(kind, out)
    raise typer.Exit(status)


@image_app.command("list")
def list_images(as_json: Annotated[bool, _JSON] = False) -> None:
    """List the images that this version starts guests from, and what is kept beside them.

    Each with its size and its folder, or with the command that makes it where it is not here. The
    files are not checked: who starts a guest checks them.

    \b
    Exit status:
      0  done
      2  an option is wrong, or Wasmtime is not installed, whose version images are named by
      6  there is no cache folder to be had
    """
    from ringfence.cli.report import reporting

    with reporting():
        from ringfence.cli.image.listing import list_images as print_images

        status = print_images(as_json=as_json)
    raise typer.Exit(status)


@image_app.command("prune")
def prune_images(
    pretend: Annotated[
        bool, typer.Option("--pretend", help="Only say what would be removed.")
    ] = False,
) -> None:
    """Remove the images of other versions, and what was kept to build them.

    An image stays in your cache folder when Ringfence or Wasmtime is replaced, and the folder that
    it was compiled in as well: some gigabytes in time. What this version uses is kept.

    \b
    Exit status:
      0  done
      2  an option is wrong, or Wasmtime is not installed, whose version images are named by
      6  something cannot be removed
    """
    from ringfence.cli.report import reporting

    with reporting():
        from ringfence.cli.image.pruning import prune

        status = prune(pretend=pretend)
    raise typer.Exit(status)
