"""``ringfence workshop``: the commands of who publishes, reviews and installs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from ringfence.cli.workshop.needing import working
from ringfence.cli.workshop.operator_app import add_operator_commands

__all__ = ["workshop_app"]

workshop_app = typer.Typer(
    help="Publish plugins, and install them: signed, verified on every load, revocable.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
add_operator_commands(workshop_app)

Url = Annotated[
    str | None,
    typer.Option(
        "--workshop", metavar="URL", help="Which workshop. [default: the only one that was added]"
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="A file with the token. [default: $RINGFENCE_WORKSHOP_TOKEN]"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Yes = Annotated[
    bool, typer.Option("--yes", help="Agree to whatever packages and grants it asks for.")
]
Version = Annotated[str | None, typer.Option(metavar="X.Y.Z", help="Which. [default: the newest]")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; everybody will read it.")]


@workshop_app.command()
def add(
    url: Annotated[str, typer.Argument(help="https://workshop.example")],
    root: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The workshop's root.json, from its operator."),
    ] = None,
    fingerprint: Annotated[
        str | None, typer.Option(metavar="SHA256", help="Or the root's fingerprint, from the same.")
    ] = None,
) -> None:
    """Add a workshop to install from, and pin the root that all its signatures go back to.

    Without --root and --fingerprint it is fetched, and you are asked to compare its fingerprint.
    """
    with working():
        from ringfence.cli.activity import Activity
        from ringfence.cli.workshop.homes import add_home

        if root is None and fingerprint is None and sys.stdin.isatty():
            home = add_home(url, root, fingerprint)
        else:
            with Activity(f"verifying {url}"):
                home = add_home(url, root, fingerprint)
        sys.stdout.write(f"added {home.url}\n")


@workshop_app.command()
def pack(
    source: Annotated[Path, typer.Argument(metavar="FOLDER", help="With its plugin.toml.")],
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="[default: NAME-VERSION.zip, here]")
    ] = None,
) -> None:
    """Pack a plugin: the same files are the same bytes."""
    with working():
        from ringfence.cli.workshop.publishing import pack as make

        status = make(source, out)
    raise typer.Exit(status)


@workshop_app.command()
def publish(
    source: Annotated[Path, typer.Argument(metavar="FOLDER_OR_FILE", help="What to publish.")],
    workshop: Url = None,
    token_file: TokenFile = None,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Leave as soon as it is sent.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send a plugin to a workshop, and wait until it is published, in review or refused.

    Sending the same files again is harmless.

    \b
    Exit status:
      0  it is published or in review
      1  it is refused; the message says why
      2  it is no plugin, or an option is wrong
      6  the workshop does not take it, or does not answer
    """
    with working():
        from ringfence.cli.workshop.connecting import connect
        from ringfence.cli.workshop.publishing import publish as send

        client = connect(workshop, token_file, signed_in=True)
        status = send(client, source, wait=not no_wait, as_json=as_json)
    raise typer.Exit(status)


@workshop_app.command()
def status(
    submission: Annotated[
        str | None, typer.Argument(help="Which. [default: all]", show_default=False)
    ] = None,
    workshop: Url = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """Say what became of a submission, or of all."""
    with working():
        from ringfence.cli.workshop import publishing
        from ringfence.cli.workshop.connecting import connect

        client = connect(workshop, token_file, signed_in=True)
        if submission is None:
            publishing.list_submissions(client, "", as_json=as_json)
        else:
            publishing.show_submission(client, submission, as_json=as_json)


@workshop_app.command()
def review(
    submission: Annotated[
        str | None, typer.Argument(help="Which. [default: all in review]", show_default=False)
    ] = None,
    approve: Annotated[bool, typer.Option("--approve", help="Publish it.")] = False,
    refuse: Annotated[
        str | None, typer.Option(metavar="REASON", help="Refuse it; its author reads why.")
    ] = None,
    retry: Annotated[
        bool, typer.Option("--retry", help="Have it analysed and tried once more.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write its files, packed, to look at them.")
    ] = None,
    workshop: Url = None,
    token_file: TokenFile = None,
    as_json: AsJson = False,
) -> None:
    """List what is in review, look at one, and decide."""
    with working():
        from ringfence.cli.workshop import publishing
        from ringfence.cli.workshop.connecting import connect
        from ringfence.errors import ConfigurationError

        decisions = [approve, refuse is not None, retry, out is not None]
        if sum(decisions) > 1 or (any(decisions) and submission is None):
            raise ConfigurationError(
                "one of --approve, --refuse, --retry and --out, of one submission"
            )
        client = connect(workshop, token_file, signed_in=True)
        if submission is None:
            publishing.list_submissions(client, "in-review", as_json=as_json)
        elif out is not None:
            with client:
                publishing.write_new(out, client.submitted_bundle(submission))
            sys.stdout.write(f"{out}\n")
        elif any(decisions):
            with client:
                if refuse is not None:
                    told = client.refuse(submission, refuse)
                else:
                    told = client.approve(submission) if approve else client.retry(submission)
            if as_json:
                sys.stdout.write(json.dumps(told) + "\n")
            else:
                sys.stdout.write(f"{told['name']} {told['version']}: {told['state']}\n")
        else:
            publishing.show_submission(client, submission, as_json=as_json)


@workshop_app.command()
def search(
    words: Annotated[
        list[str] | None, typer.Argument(help="All of them are looked for.", show_default=False)
    ] = None,
    kind: Annotated[str, typer.Option(metavar="KIND", help="Only of this kind.")] = "",
    spec: Annotated[str, typer.Option(metavar="SPEC", help="Only for this spec.")] = "",
    most: Annotated[int, typer.Option(metavar="N", help="How many to show.")] = 20,
    workshop: Url = None,
    as_json: AsJson = False,
) -> None:
    """Search a workshop."""
    with working():
        from ringfence.cli.workshop.connecting import connect
        from ringfence.cli.workshop.showing import search as look

        client = connect(workshop, None, signed_in=False)
        look(client, " ".join(words or ()), kind, spec, most, as_json=as_json)


@workshop_app.command()
def show(name: str, workshop: Url = None, as_json: AsJson = False) -> None:
    """Show a plugin and its versions."""
    with working():
        from ringfence.cli.workshop.connecting import connect
        from ringfence.cli.workshop.showing import show as look

        look(connect(workshop, None, signed_in=False), name, as_json=as_json)


@workshop_app.command()
def install(name: str, version: Version = None, workshop: Url = None, yes: Yes = False) -> None:
    """Install a plugin, after you agreed to the packages and grants that it asks for.

    \b
    Exit status:
      0  installed
      6  it is not trusted, revoked, not agreed to, or the workshop does not answer
    """
    with working():
        from ringfence.cli.workshop.homes import choose_home
        from ringfence.cli.workshop.installing import install as get

        get(choose_home(workshop), name, version, yes=yes)


@workshop_app.command()
def update(
    name: Annotated[str | None, typer.Argument(help="[default: all]", show_default=False)] = None,
    workshop: Url = None,
    yes: Yes = False,
) -> None:
    """Update what is installed; whoever asks for more than before asks you anew."""
    with working():
        from ringfence.cli.workshop.homes import choose_home
        from ringfence.cli.workshop.installing import update as bring

        code = bring(choose_home(workshop), name, yes=yes)
    raise typer.Exit(code)


@workshop_app.command()
def remove(name: str, version: Version = None, workshop: Url = None) -> None:
    """Remove a plugin, or one version of it."""
    with working():
        from ringfence.cli.workshop.homes import choose_home
        from ringfence.cli.workshop.installing import remove as take_away

        take_away(choose_home(workshop), name, version)


@workshop_app.command("list")
def list_installed(workshop: Url = None, as_json: AsJson = False) -> None:
    """List what is installed."""
    with working():
        from ringfence.cli.workshop.homes import choose_home
        from ringfence.cli.workshop.installing import list_installed as tell

        tell(choose_home(workshop), as_json=as_json)


@workshop_app.command()
def verify(
    workshop: Url = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="With the metadata that is here.")
    ] = False,
) -> None:
    """Verify all that is installed, as each load does.

    \b
    Exit status:
      0  everything is as signed
      1  something is not, or is revoked
    """
    with working():
        from ringfence.cli.workshop.homes import choose_home
        from ringfence.cli.workshop.installing import verify as check

        code = check(choose_home(workshop), offline=offline)
    raise typer.Exit(code)


@workshop_app.command()
def yank(
    name: str, version: str, reason: Reason, workshop: Url = None, token_file: TokenFile = None
) -> None:
    """Offer a version to nobody new. Who has it keeps it."""
    _withdraw("yank", name, version, reason, workshop, token_file)


@workshop_app.command()
def revoke(
    name: str, version: str, reason: Reason, workshop: Url = None, token_file: TokenFile = None
) -> None:
    """Let nobody load a version any more, not even who has installed it."""
    _withdraw("revoke", name, version, reason, workshop, token_file)


@workshop_app.command()
def reinstate(name: str, version: str, workshop: Url = None, token_file: TokenFile = None) -> None:
    """Offer a version again; one that was revoked, only the workshop's operator can."""
    _withdraw("reinstate", name, version, None, workshop, token_file)


def _withdraw(
    what: str,
    name: str,
    version: str,
    reason: str | None,
    url: str | None,
    token_file: Path | None,
) -> None:
    with working():
        from ringfence.cli.workshop.connecting import connect

        with connect(url, token_file, signed_in=True) as client:
            if what == "reinstate":
                told = client.reinstate(name, version)
            elif what == "yank":
                told = client.yank(name, version, reason or "")
            else:
                told = client.revoke(name, version, reason or "")
        sys.stdout.write(f"{told['name']} {told['version']} is {told['status']}\n")
