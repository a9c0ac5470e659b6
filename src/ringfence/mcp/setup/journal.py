"""What setup wrote, so that it can be taken back: a copy of each file, and each member as it was.

It is kept below the user's folder of states, for this user's eyes only, since a client's file may
hold secrets. A file that nobody changed since is put back byte for byte; in one that was changed,
as clients do, only the members that setup wrote are put back.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ringfence.errors import ConfigurationError
from ringfence.mcp.setup.changes import GONE, Document, Edit, FileChange, change_file
from ringfence.mcp.setup.files import check_writable, read_file, write_file

__all__ = ["Journal", "Step", "Written", "carry_out", "check"]


@dataclass(frozen=True)
class Written:
    """One file that was written.

    Attributes:
        path: of the file.
        language: what it is written in.
        backup: where its bytes are that were there; None: there was no file.
        sha256: of what was written.
        table: the keys to its servers.
        edits: (path, what was there, what was written) each.
    """

    path: Path
    language: Any
    backup: Path | None
    sha256: str
    table: tuple[str, ...]
    edits: tuple[tuple[tuple[str, ...], Any, Any], ...]


@dataclass(frozen=True)
class Step:
    """What was written together.

    Attributes:
        identifier: of the step.
        client: whose setup it was.
        files: in the order in which they were written.
    """

    identifier: str
    client: str
    files: tuple[Written, ...]


class Journal:
    """The steps that were taken and not taken back, oldest first.

    Args:
        folder: where it is kept; made when a step is added.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "journal.json"

    @classmethod
    def of_user(cls) -> Journal:
        """This user's: ``$XDG_STATE_HOME/ringfence/mcp-setup``.

        Raises:
            ConfigurationError: this user has no home folder.
        """
        told = Path(os.environ.get("XDG_STATE_HOME", ""))
        if not told.is_absolute():
            try:
                told = Path.home() / ".local" / "state"
            except RuntimeError:
                raise ConfigurationError("this user has no home folder; set HOME") from None
        return cls(told / "ringfence" / "mcp-setup")

    def steps(self) -> list[Step]:
        """All of them.

        Raises:
            ConfigurationError: the journal is not as it was written.
        """
        content = read_file(self._path)
        if content is None:
            return []
        try:
            return [self._step(one) for one in json.loads(content)["steps"]]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ConfigurationError(f"{self._path} is not as it was written: {error}") from None

    def add(self, client: str, changes: Sequence[FileChange]) -> Step:
        """Keep copies of files that are about to be changed, and how to change them back.

        Raises:
            ConfigurationError: it cannot be written.
        """
        identifier = secrets.token_hex(6)
        files = []
        for number, change in enumerate(changes):
            backup = None
            if change.before is not None:
                backup = self._folder / f"{identifier}-{number}-{change.path.name}"
                write_file(backup, change.before, private=True)
            assert change.after is not None
            after = Document.of(change.path, change.language, change.after)
            edits = tuple((one.path, one.value, after.at(one.path)) for one in change.back)
            digest = hashlib.sha256(change.after).hexdigest()
            files.append(Written(change.path, change.language, backup, digest, change.table, edits))
        step = Step(identifier, client, tuple(files))
        self._write([*self.steps(), step])
        return step

    def drop(self, step: Step) -> None:
        """Forget a step that was taken back; the copies of its files stay.

        Raises:
            ConfigurationError: it cannot be written.
        """
        self._write([one for one in self.steps() if one.identifier != step.identifier])

    def plan_back(self, step: Step) -> tuple[list[FileChange], list[str]]:
        """How to take a step back: (the changes, what cannot be put back and why).

        Raises:
            ConfigurationError: a file cannot be read or is not understood.
        """
        changes: list[FileChange] = []
        kept: list[str] = []
        for written in reversed(step.files):
            if written.path.resolve() != written.path:  # of a project, whose files others write
                kept.append(f"{written.path} leads elsewhere now, and stays")
                continue
            now = read_file(written.path)
            if now is not None and hashlib.sha256(now).hexdigest() == written.sha256:
                was = None if written.backup is None else read_file(written.backup)
                if written.backup is None or was is not None:
                    changes.append(
                        FileChange(written.path, written.language, now, was, (), written.table)
                    )
                    continue
            document = Document.read(written.path, written.language)
            edits = []
            for path, before, after in written.edits:
                if document.at(path) == after:
                    edits.append(Edit(path, before))
                elif document.at(path) != before:
                    kept.append(f"{written.path}: {'.'.join(path)} was changed since, and stays")
            change = change_file(document, edits, written.table)
            if change is not None:
                changes.append(change)
        return changes, kept

    def _write(self, steps: Sequence[Step]) -> None:
        shown = {
            "steps": [
                {
                    "identifier": step.identifier,
                    "client": step.client,
                    "files": [_as_json(one) for one in step.files],
                }
                for step in steps
            ]
        }
        write_file(self._path, json.dumps(shown, indent=1).encode(), private=True)

    def _step(self, value: Any) -> Step:
        files = tuple(
            Written(
                Path(one["path"]),
                one["language"],
                None if one["backup"] is None else self._folder / Path(one["backup"]).name,
                one["sha256"],
                tuple(one["table"]),
                tuple(
                    (tuple(path), _from_json(before), _from_json(after))
                    for path, before, after in one["edits"]
                ),
            )
            for one in value["files"]
        )
        return Step(value["identifier"], value["client"], files)


def check(changes: Sequence[FileChange]) -> None:
    """Let changes pass whose files are as they were read, and may be written.

    Raises:
        ConfigurationError: one is not.
    """
    for change in changes:
        if read_file(change.path) != change.before:
            raise ConfigurationError(
                f"{change.path} was changed while you were asked: it is left as it is, start again"
            )
        check_writable(change.path)


def carry_out(changes: Sequence[FileChange]) -> None:
    """Write what was planned, each file in one step.

    Raises:
        ConfigurationError: a file was changed since it was read, and none is written; or one cannot
            be written, and those before it are.
    """
    check(changes)
    for change in changes:
        if change.after is None:
            try:
                change.path.unlink(missing_ok=True)
            except OSError as error:
                raise ConfigurationError(
                    f"{change.path} cannot be removed: {error.strerror}"
                ) from None
        else:
            write_file(change.path, change.after, private=change.private)


def _as_json(written: Written) -> dict[str, Any]:
    return {
        "path": str(written.path),
        "language": written.language,
        "backup": None if written.backup is None else written.backup.name,
        "sha256": written.sha256,
        "table": written.table,
        "edits": [
            (path, _to_json(before), _to_json(after)) for path, before, after in written.edits
        ],
    }


def _to_json(value: Any) -> list[Any]:
    """A value, or that there is none."""
    return [] if value is GONE else [value]


def _from_json(value: list[Any]) -> Any:
    return value[0] if value else GONE
