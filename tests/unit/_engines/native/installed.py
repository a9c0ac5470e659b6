"""Directories of packages, made up for a test."""

import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path

from ringfence._engines.native.interpreter import describe_interpreter
from ringfence._engines.native.packages import PackageSet, resolve


class Site:
    """A directory of packages, and an interpreter that looks nowhere else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        running = describe_interpreter()
        self.interpreter = dataclasses.replace(
            running, site=(str(path),), key=f"{running.key} {path}"
        )

    def write(self, name: str, text: str = "") -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def install(
        self,
        name: str,
        version: str = "1.0",
        files: Sequence[str] = (),
        *,
        requires: Sequence[str] = (),
        extras: Sequence[str] = (),
        metadata: dict[str, str] | None = None,
    ) -> str:
        """Installs a wheel of empty *files*; returns the name of its metadata."""
        folder = f"{name.replace('-', '_')}-{version}.dist-info"
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {line}" for line in requires]
        lines += [f"Provides-Extra: {extra}" for extra in extras]
        self.write(f"{folder}/METADATA", "\n".join(lines) + "\n\nRequires-Dist: not-in-here\n")
        for file in files:
            if not file.startswith("../") and not (self.path / file).exists():
                self.write(file)
        for file, text in (metadata or {}).items():
            self.write(f"{folder}/{file}", text)
        record = [f"{file},," for file in (*files, f"{folder}/METADATA", f"{folder}/RECORD")]
        self.write(f"{folder}/RECORD", "\n".join(record) + "\n")
        return folder

    def resolve(self, *requested: str) -> PackageSet:
        return resolve(requested, self.interpreter)

    def shown(self, *requested: str) -> list[str]:
        """What is visible, relative to the directory."""
        return [os.path.relpath(path, self.path) for path in self.resolve(*requested).paths]


def editable(site: Site, name: str, source: Path, *files: str, **metadata: str) -> str:
    """Installs *name* as ``pip install -e`` does, with *files* that lead to the source."""
    url = json.dumps({"url": source.as_uri(), "dir_info": {"editable": True}})
    texts = {file.replace("__", ".", 1): text for file, text in metadata.items()}
    return site.install(name, files=files, metadata={"direct_url.json": url, **texts})
