"""Several files put in place as one step: all of them or none, whenever the process is killed.

They are written to a folder ``staging``, each on the disk before the next. Renaming that folder to
``pending`` is the step. What is pending is then moved to its places, in order; whoever comes next
finishes that, if the one who began was killed. What is only staged is thrown away.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from ringfence.errors import WorkshopNotUsable
from ringfence.workshop.signing.private_folder import PrivateFolder

__all__ = ["Journal"]

_STAGING = "staging"
_PENDING = "pending"
_PLAN = "plan.json"
_MOST_PLAN = 1 << 20


class Journal:
    """Puts files below ``folder / place``. Everything but :attr:`pending` only while it is locked.

    Args:
        folder: where it works; on one file system.
        place: the folder in it that the files belong to.
    """

    def __init__(self, folder: PrivateFolder, place: str) -> None:
        self._folder = folder
        self._place = folder.path / place

    @property
    def pending(self) -> bool:
        """Whether something was begun, and is not finished."""
        return (self._folder.path / _PENDING).is_dir()

    def commit(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Put files in place, in this order, all or none.

        Args:
            files: path below the place, and bytes.

        Raises:
            WorkshopNotUsable: the disk is full, or a folder cannot be written to.
        """
        self.recover()
        try:
            staging = self._folder.folder(_STAGING)
            for number, (_, data) in enumerate(files):
                staging.write(str(number), data)
            staging.write(_PLAN, json.dumps([path for path, _ in files]).encode())
            staging.path.rename(self._folder.path / _PENDING)
            _sync(self._folder.path)
            self._finish()
        except OSError as error:
            raise self._unusable(error) from error

    def recover(self) -> None:
        """Finish what was begun, and throw away what was not."""
        try:
            staging = self._folder.path / _STAGING
            if staging.is_dir():
                shutil.rmtree(staging)
            if self.pending:
                self._finish()
        except OSError as error:
            raise self._unusable(error) from error

    def _finish(self) -> None:
        pending = self._folder.folder(_PENDING)
        plan = pending.read(_PLAN, _MOST_PLAN)
        for number, path in enumerate(_paths(pending.path, plan[0]) if plan is not None else ()):
            self._put(pending.path / str(number), path)
        pending.remove(_PLAN)  # after it, nothing in here is needed
        shutil.rmtree(pending.path)
        _sync(self._folder.path)

    def _put(self, source: Path, path: str) -> None:
        target = self._place / path
        if not target.parent.is_dir():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (*reversed(target.parent.relative_to(self._place).parents),):
                _sync(self._place / folder)
        try:
            source.replace(target)
        except FileNotFoundError:  # it was moved by the one who was killed
            if not target.exists():
                raise
        _sync(target.parent)

    def _unusable(self, error: OSError) -> WorkshopNotUsable:
        return WorkshopNotUsable(
            f"{self._folder.path} cannot be written to: {error.strerror}; nothing was published, "
            "or all of it will be when it is opened again"
        )


def _paths(folder: Path, data: bytes) -> list[str]:
    """Where the files of a plan belong, each below one folder."""
    try:
        plan = json.loads(data)
        for path in plan:
            if not PurePosixPath(path).parts or {"..", "/"} & {*PurePosixPath(path).parts}:
                raise ValueError(path)
    except (ValueError, TypeError) as error:
        raise WorkshopNotUsable(
            f"{folder} was tampered with, or is damaged; restore it from a backup"
        ) from error
    return list(plan)


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
