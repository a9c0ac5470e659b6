"""The commands of who runs a workshop, beside its database and its keys."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ringfence.cli.workshop.needing import working

__all__ = ["add_operator_commands"]

Place = Annotated[Path, typer.Argument(metavar="FOLDER", help="The workshop's folder.")]
RootKeys = Annotated[
    Path | None,
    typer.Option(
        "--root-keys",
        metavar="FOLDER",
        help="Where the keys of root are. [default: offline, in the repository's folder]",
    ),
]
Scopes = Annotated[
    list[str] | None,
    typer.Option("--scope", metavar="SCOPE", help="publish, review or operate. May be repeated."),
]

account_app = typer.Typer(
    help="Accounts of a workshop.", no_args_is_help=True, rich_markup_mode=None
)
token_app = typer.Typer(
    help="Tokens of accounts: shown once, kept as a hash.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_operator_commands(app: typer.Typer) -> None:
    """Add them."""
    app.command()(init)
    app.command()(serve)
    app.command()(migrate)
    app.command()(audit)
    app.command()(refresh)
    app.command()(rotate)
    app.add_typer(account_app, name="account")
    app.add_typer(token_app, name="token")


def init(
    folder: Place,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="postgresql://user@host/name, or sqlite:///path. [default: a file in FOLDER]",
        ),
    ] = None,
    spec: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODULE:CLASS", help="What plugins may be written for. May be repeated."
        ),
    ] = None,
    package: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A package plugins may ask for. May be repeated."),
    ] = None,
    publish_clean: Annotated[
        bool, typer.Option("--publish-clean", help="Publish what is clean without a reviewer.")
    ] = False,
    register: Annotated[
        bool, typer.Option("--register", help="Let anybody make an account that publishes.")
    ] = False,
    root_keys: RootKeys = None,
    keys: Annotated[int, typer.Option(metavar="N", help="How many keys root has.")] = 3,
    threshold: Annotated[
        int, typer.Option(metavar="N", help="How many of them must sign a new root.")
    ] = 2,
) -> None:
    """Make a workshop: its settings, its database and its keys.

    \b
    Exit status:
      0  made
      2  an option is wrong, or there is a workshop already
      6  it cannot be written, or the database does not answer
    """
    with working():
        from ringfence.cli.workshop.operating import init as make
        from ringfence.cli.workshop.settings import Folder
        from ringfence.workshop.rules import Rules

        made = Folder.create(
            folder,
            database=database,
            specs=tuple(spec or ()),
            packages=tuple(package or ()),
            rules=Rules(publish_clean=publish_clean, register=register),
        )
        status = make(made, root_keys, keys, threshold)
    raise typer.Exit(status)


def serve(
    folder: Place,
    address: Annotated[str, typer.Option(metavar="ADDRESS", help="To listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", help="0 takes any that is free.")] = 8760,
    host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A host that requests may name, as workshop.example. May be repeated.",
        ),
    ] = None,
    tls_proxy: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="The address of the proxy that ends TLS; needed to listen at more than this "
            "machine.",
        ),
    ] = None,
) -> None:
    """Serve a workshop until Ctrl-C, and print its address.

    What is submitted is analysed, tried and, as the rules say, published; what was stopped in the
    middle is finished or undone first.
    """
    with working():
        from ringfence.cli.workshop.operating import serve as run
        from ringfence.cli.workshop.settings import Folder

        status = run(Folder.open(folder), address, port, host or (), tls_proxy)
    raise typer.Exit(status)


def migrate(folder: Place) -> None:
    """Bring the database to this version; that of a newer one is refused."""
    with working():
        from ringfence.cli.workshop.operating import migrate as bring
        from ringfence.cli.workshop.settings import Folder

        status = bring(Folder.open(folder))
    raise typer.Exit(status)


def audit(
    folder: Place,
    noted: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER:HASH",
            help="An end of the chain that was noted before, which must still be on it.",
        ),
    ] = None,
    most: Annotated[int, typer.Option(metavar="N", help="How many rows to print.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print rows as lines of JSON.")] = False,
) -> None:
    """Verify the audit chain, and print its last rows.

    \b
    Exit status:
      0  it holds
      6  it does not; the message names the first row that is wrong
    """
    with working():
        from ringfence.cli.workshop.operating import show_audit
        from ringfence.cli.workshop.settings import Folder

        status = show_audit(Folder.open(folder), noted, most, as_json=as_json)
    raise typer.Exit(status)


def refresh(folder: Place) -> None:
    """Sign snapshot and timestamp anew, which a server does by itself while it runs."""
    with working():
        from ringfence.cli.workshop.operating import refresh as sign
        from ringfence.cli.workshop.settings import Folder

        status = sign(Folder.open(folder))
    raise typer.Exit(status)


def rotate(
    folder: Place,
    role: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE",
            help="root, targets, snapshot or timestamp. May be repeated. [default: renew root]",
        ),
    ] = None,
    root_keys: RootKeys = None,
) -> None:
    """Replace keys by new ones, signed by those of root; clients follow by themselves."""
    with working():
        from ringfence.cli.workshop.operating import rotate as replace
        from ringfence.cli.workshop.settings import Folder

        status = replace(Folder.open(folder), role or (), root_keys)
    raise typer.Exit(status)


@account_app.command("add")
def add_account(
    name: Annotated[str, typer.Argument(help="Lower-case words with hyphens.")],
    folder: Place,
    scope: Scopes = None,
) -> None:
    """Make an account, and print its first token. It may publish, or what --scope says."""
    with working():
        from ringfence.cli.workshop.operating import opened
        from ringfence.cli.workshop.settings import Folder

        with opened(Folder.open(folder)) as workshop:
            workshop.accounts.create(name, scope or ("publish",))
            token, _ = workshop.accounts.new_token(name, label="first")
        sys.stdout.write(f"{token}\n")


@account_app.command("list")
def list_accounts(folder: Place) -> None:
    """List the accounts."""
    with working():
        from ringfence.cli.workshop.operating import account_rows, opened
        from ringfence.cli.workshop.settings import Folder

        with opened(Folder.open(folder)) as workshop:
            account_rows(workshop)


@account_app.command("allow")
def allow_account(name: str, folder: Place, scope: Scopes = None) -> None:
    """Set what an account may: all of --scope, and nothing else.

    Where that is not to publish, what it has under way is refused.
    """
    with working():
        from ringfence.cli.workshop.operating import opened
        from ringfence.cli.workshop.settings import Folder

        with opened(Folder.open(folder)) as workshop:
            account = workshop.accounts.allow(name, scope or ())
        sys.stdout.write(f"{name} may {', '.join(sorted(account.scopes)) or 'do nothing'}\n")


@account_app.command("close")
def close_account(name: str, folder: Place) -> None:
    """Close an account for good. Its names stay its own, and what it published stays.

    What it has under way is refused.
    """
    with working():
        from ringfence.cli.workshop.operating import opened
        from ringfence.cli.workshop.settings import Folder

        with opened(Folder.open(folder)) as workshop:
            workshop.accounts.close(name)
        sys.stdout.write(f"{name} is closed\n")


@token_app.command("new")
def new_token(
    account: str,
    folder: Place,
    scope: Scopes = None,
    label: Annotated[str, typer.Option(metavar="TEXT", help="What it is for.")] = "",
    days: Annotated[int | None, typer.Option(metavar="N", help="How long it holds.")] = None,
) -> None:
    """Make a token of an account, and print it this once."""
    with working():
        from ringfence.cli.workshop.operating import opened
        from ringfence.cli.workshop.settings import Folder

        with opened(Folder.open(folder)) as workshop:
            token, _ = workshop.accounts.new_token(account, scopes=scope, label=label, days=days)
        sys.stdout.write(f"{token}\n")


@token_app.command("list")
def list_tokens(account: str, folder: Place) -> None:
    """List the tokens of an account, without their secrets."""
    with working():
        from ringfence.cli.workshop.operating import opened, token_rows
        from ringfence.cli.workshop.settings import Folder

        with opened(Folder.open(folder)) as workshop:
            token_rows(workshop, account)


@token_app.command("revoke")
def revoke_token(
    token: Annotated[str, typer.Argument(help="Its visible part, as it is listed; or all of it.")],
    folder: Place,
) -> None:
    """End a token at once, and whatever was made with it."""
    with working():
        from ringfence.cli.workshop.operating import opened
        from ringfence.cli.workshop.settings import Folder

        with opened(Folder.open(folder)) as workshop:
            ended = workshop.accounts.revoke_token(token)
        sys.stdout.write(f"{ended.id} is revoked\n")
