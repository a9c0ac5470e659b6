"""The commands about the service's audit log."""

from __future__ import annotations

import sys
from pathlib import Path
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
    archive: Annotated[
        list[Path] | None,
        typer.Option(
            "--archive",
            metavar="FILE",
            help="A file that `archive` wrote, which is verified too. May be repeated.",
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
        from ringfence.cli.audit.archives import verify_archive
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
            end, base = work.audit.head(), work.audit.base()
            met = [verify_archive(work.audit, file, head) for file in archive or ()]
            here = None if any(met) else head
            if here is not None and here.number < base.number:
                raise ConfigurationError(
                    f"--noted {noted}: this row was taken out; give the file that has it, with "
                    "--archive FILE"
                )
            verify(work.audit.rows(), end, noted=here, refused=StoreNotUsable, base=base)
            return end

        with Activity("verifying the audit log"):
            end = asked(database, check)
        told = f"{end.number}:{end.hash}"
        if as_json:
            sys.stdout.write(json.dumps({"holds": True, "rows": end.number, "end": told}) + "\n")
        else:
            sys.stdout.write(f"the audit log holds; its end, to note elsewhere: {told}\n")


@audit_app.command("archive")
def archive_audit(
    before: Annotated[
        str, typer.Option(metavar="DATE", help="Rows from before this day (UTC): 2026-01-31.")
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="A new file, this user's alone."),
    ],
    database: Database = None,
) -> None:
    """Take old rows out of the audit log, into a file, a line of JSON each.

    The log is verified first. The hash of the last row that went stays, so that `verify` still
    holds, and holds the file against it with --archive FILE. Keep the file: rows are nowhere else.

    \b
    Exit status:
      0  they are in the file, and not in the database any more; or there are none
      2  an option is wrong, or the file is there already
      6  the log does not hold, or the database does not answer: nothing was taken out
    """
    with with_service():
        from ringfence.cli.activity import Activity
        from ringfence.cli.audit.archives import archived, day_of

        moment = day_of(before)
        with Activity("archiving the audit log"):
            last, count = archived(database, moment, output)
        if not count:
            sys.stdout.write("there are no rows from before\n")
        else:
            sys.stdout.write(f"{count} rows are in {output}, up to {last.number}:{last.hash}\n")


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
