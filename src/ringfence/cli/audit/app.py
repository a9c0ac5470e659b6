"""The commands about the service's audit log."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.serve.command import with_service
from ringfence.cli.serve.database import Database

if TYPE_CHECKING:
    from ringfence.database.chain import Head
    from ringfence.server.store import Work
    from ringfence.server.store.audit import AuditRow

__all__ = ["audit_app"]

audit_app = typer.Typer(
    help="The service's audit log: who ran which code, and what was denied.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print lines of JSON.")]


@audit_app.command("verify")
def verify_audit(
    noted: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER:HASH",
            help="An end that this command printed before: the row must still be there, unchanged.",
        ),
    ] = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Verify that the audit log is as it was written, and print its end.

    Each row holds the hash of the one before, so a row that was changed, moved, left out or put in
    is found, and named. Whoever may write to the database could write all of it anew, or take rows
    away at the end with the note of it: note the end that is printed where they cannot write, and
    give it with --noted the next time.

    \b
    Exit status:
      0  it holds
      2  an option is wrong, or there is no such database
      6  it does not hold: the message names the first row that is wrong; or the database does not
         answer
    """
    with with_service():
        import json
        import re

        from ringfence.cli.activity import Activity
        from ringfence.cli.serve.database import asked
        from ringfence.database.chain import Head, verify
        from ringfence.errors import ConfigurationError, StoreNotUsable

        head = None
        if noted is not None:
            match = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", noted)
            if match is None:
                raise ConfigurationError(f"--noted {noted}: write NUMBER:HASH, as it was printed")
            head = Head(int(match[1]), match[2])

        def check(work: Work) -> Head:
            end = work.audit.head()
            verify(work.audit.rows(), end, noted=head, refused=StoreNotUsable)
            return end

        with Activity("verifying the audit log"):
            end = asked(database, check)
        told = f"{end.number}:{end.hash}"
        if as_json:
            sys.stdout.write(json.dumps({"holds": True, "rows": end.number, "end": told}) + "\n")
        else:
            sys.stdout.write(f"the audit log holds; its end, to note elsewhere: {told}\n")


@audit_app.command("show")
def show_audit(
    last: Annotated[int, typer.Option(metavar="N", min=1, help="How many rows, the newest.")] = 20,
    after: Annotated[
        int | None, typer.Option(metavar="NUMBER", min=0, help="All rows after this one, instead.")
    ] = None,
    tenant: Annotated[str | None, typer.Option(metavar="NAME", help="Only its rows.")] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="Only such rows.")] = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Print rows of the audit log. It says nothing of whether they hold: that is `verify`."""
    with with_service():
        import json

        from ringfence.cli.escape import escape_line
        from ringfence.cli.serve.database import asked

        def ask(work: Work) -> list[AuditRow]:
            if after is None:
                return work.audit.last(last, tenant=tenant, kind=kind)
            rows = work.audit.rows(after)
            return [
                row for row in rows if tenant in {None, row.tenant} and kind in {None, row.kind}
            ]

        for row in asked(database, ask):
            if as_json:
                told = {
                    "number": row.number,
                    "at": row.at.isoformat(),
                    "kind": row.kind,
                    "tenant": row.tenant,
                    "key_id": row.key_id,
                    "details": json.loads(row.details),
                    "hash": row.hash,
                }
                sys.stdout.write(json.dumps(told) + "\n")
            else:
                moment = row.at.isoformat(timespec="seconds")
                line = f"{row.number:6} {moment} {row.kind} {row.tenant or '-'} "
                line += f"{row.key_id or '-'} {row.details}"
                sys.stdout.write(escape_line(line, 500) + "\n")
