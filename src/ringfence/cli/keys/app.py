"""The commands about API keys and tenants."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.serve.command import with_service
from ringfence.cli.serve.database import Database

if TYPE_CHECKING:
    from ringfence.server.store import Work
    from ringfence.server.store.accounts import KeyInfo

__all__ = ["keys_app", "tenants_app"]

keys_app = typer.Typer(
    help="API keys of the service: shown once, kept as a hash.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
tenants_app = typer.Typer(
    help="Tenants of the service, and their quotas: of all the keys of one together.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

KeyId = Annotated[
    str,
    typer.Argument(
        metavar="KEY", help="Its visible part, as it is listed. A whole key is taken, too."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print lines of JSON.")]


@keys_app.command("create")
def create_key(
    tenant: Annotated[str, typer.Argument(metavar="TENANT", help="Whose; made if it is new.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCOPE",
            help="run, agent, metrics or admin. May be repeated. [default: run]",
        ),
    ] = None,
    label: Annotated[str, typer.Option(metavar="TEXT", help="What it is for.")] = "",
    days: Annotated[
        float | None,
        typer.Option(metavar="N", help="How long it holds. [default: until it is revoked]"),
    ] = None,
    database: Database = None,
) -> None:
    """Make a key, and print it this once. Keep it as a password: only its hash is in the database.

    Once there is a key, nobody is let in without one.

    \b
    Exit status:
      0  made
      2  an option is wrong
      6  the database does not answer
    """
    with with_service():
        import datetime

        from ringfence.cli.report import complain
        from ringfence.cli.serve.database import changed

        def make(work: Work) -> tuple[str, bool]:
            first = not work.accounts.keys()
            expires = None if days is None else work.now + datetime.timedelta(days=_days(days))
            key, _ = work.accounts.create_key(
                tenant, scopes=scope or ("run",), label=label, expires=expires
            )
            return key, first

        key, first = changed(database, make)
        sys.stdout.write(f"{key}\n")
        if first:
            complain("from now on the service lets nobody in without a key", "keys")


@keys_app.command("list")
def list_keys(
    tenant: Annotated[str | None, typer.Option(metavar="NAME", help="Only its keys.")] = None,
    ended: Annotated[
        bool, typer.Option("--all", help="Those that were revoked or expired, too.")
    ] = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List keys, without their secrets."""
    with with_service():
        import datetime

        from ringfence.cli.keys.showing import show_keys
        from ringfence.cli.serve.database import asked

        def ask(work: Work) -> tuple[list[KeyInfo], datetime.datetime]:
            return work.accounts.keys(tenant), work.now

        keys, now = asked(database, ask)
        if not ended:
            keys = [
                one
                for one in keys
                if one.revoked is None and (one.expires is None or one.expires > now)
            ]
        show_keys(keys, now, as_json=as_json)


@keys_app.command("revoke")
def revoke_key(key: KeyId, database: Database = None) -> None:
    """End a key for good. A server that runs refuses it within a second.

    \b
    Exit status:
      0  it does not hold any more
      2  there is no such key
      6  the database does not answer
    """
    with with_service():
        from ringfence.cli.serve.database import changed

        key_id = _id_of(key)
        found = changed(database, lambda work: work.accounts.revoke_key(key_id))
        sys.stdout.write(f"{found.id} of {found.tenant} is revoked\n")


@keys_app.command("rotate")
def rotate_key(
    key: KeyId,
    grace: Annotated[
        float, typer.Option(metavar="HOURS", help="How long the old one still holds.")
    ] = 24.0,
    database: Database = None,
) -> None:
    """Make a key in place of another, and print it this once. The old one holds for a while yet.

    \b
    Exit status:
      0  made
      2  there is no such key, or it does not hold any more
      6  the database does not answer
    """
    with with_service():
        import datetime

        from ringfence.cli.serve.database import changed
        from ringfence.errors import ConfigurationError

        if not 0 <= grace <= _MOST_DAYS * 24:
            raise ConfigurationError(f"--grace: 0 to {_MOST_DAYS * 24} hours")
        key_id, hours = _id_of(key), datetime.timedelta(hours=grace)
        made, _ = changed(database, lambda work: work.accounts.rotate_key(key_id, hours))
        sys.stdout.write(f"{made}\n")


@tenants_app.command("list")
def list_tenants(as_json: AsJson = False, database: Database = None) -> None:
    """List tenants, their quotas, what they used today (UTC), and what is kept of them."""
    with with_service():
        from ringfence.cli.keys.showing import Used, show_tenants
        from ringfence.cli.serve.database import asked
        from ringfence.server.settings import Settings
        from ringfence.server.store.usage import day_of

        settings = Settings.read()
        tenants, used = asked(
            database,
            lambda work: (
                work.accounts.tenants().values(),
                Used(work.usage.of_day(day_of(work.now)), work.stored.of_all()),
            ),
        )
        usual = {
            "concurrent": settings.quota_concurrent,
            "per_minute": settings.quota_per_minute,
            "cpu_seconds_per_day": settings.quota_cpu_seconds,
            "stored_bytes": settings.quota_stored_bytes,
        }
        show_tenants(tenants, used, usual, as_json=as_json)


@tenants_app.command("set")
def set_tenant(
    name: Annotated[str, typer.Argument(metavar="TENANT", help="Made if it is new.")],
    concurrent: Annotated[
        str | None, typer.Option(metavar="N", help="Runs at once, or `default`.")
    ] = None,
    per_minute: Annotated[
        str | None, typer.Option(metavar="N", help="Runs begun within 60 seconds, or `default`.")
    ] = None,
    cpu_per_day: Annotated[
        str | None,
        typer.Option(metavar="SECONDS", help="CPU seconds in a day (UTC), or `default`."),
    ] = None,
    stored_bytes: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="Bytes of saved states, files, snapshots and replies, as 4GiB, or `default`.",
        ),
    ] = None,
    database: Database = None,
) -> None:
    """Set quotas of a tenant; those that are not named stay. A server that runs follows within a
    second.

    \b
    Exit status:
      0  set
      2  an option is wrong
      6  the database does not answer
    """
    with with_service():
        from ringfence.cli.serve.database import changed

        quotas: dict[str, float | None] = {}
        for quota, option, given in (
            ("concurrent", "--concurrent", concurrent),
            ("per_minute", "--per-minute", per_minute),
            ("cpu_seconds_per_day", "--cpu-per-day", cpu_per_day),
        ):
            if given is not None:
                whole = quota != "cpu_seconds_per_day"
                quotas[quota] = None if given == "default" else _number(option, given, whole=whole)
        if stored_bytes is not None:
            usual = stored_bytes == "default"
            quotas["stored_bytes"] = None if usual else _size("--stored-bytes", stored_bytes)
        changed(database, lambda work: work.accounts.set_tenant(name, **quotas))


_MOST_DAYS = 36_600


def _days(days: float) -> float:
    from ringfence.errors import ConfigurationError

    if not 0 < days <= _MOST_DAYS:
        raise ConfigurationError(f"--days: more than 0 and at most {_MOST_DAYS}")
    return days


def _id_of(key: str) -> str:
    """The visible part; whoever revokes a key that leaked has the whole of it at hand."""
    from ringfence.server.access import keys

    whole = keys.read(key)
    return key if whole is None else whole.id


def _size(option: str, text: str) -> int:
    from ringfence.errors import ConfigurationError
    from ringfence.model.limits import parse_size

    size = parse_size(int(text) if text.isdecimal() and len(text) < 20 else text, option)
    if size >= 2**60:
        raise ConfigurationError(f"{option} {text!a}: write less")
    return size


def _number(option: str, text: str, *, whole: bool) -> float:
    from ringfence.errors import ConfigurationError

    try:
        number = int(text) if whole else float(text)
    except ValueError:
        number = 0
    if not 0 < number < 2**31:
        kind = "a whole number" if whole else "a number"
        raise ConfigurationError(f"{option} {text!a}: write {kind} above 0, or default")
    return number
