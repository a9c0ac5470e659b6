"""The labelled corpus: what its files say of themselves, and what the analysis says of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ringfence.plugins import analysis

CORPUS = Path(__file__).parent / "corpus"
_FIELD = re.compile(r"^# (technique|goal|packages|grants):(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Sample:
    """A plugin of one module; its first comment lines are its label and its manifest."""

    path: Path
    data: bytes
    technique: str
    goal: str
    packages: tuple[str, ...]
    grants: tuple[str, ...]

    def report(self) -> analysis.Report:
        files = {self.path.name: self.data}
        return analysis.analyze_files(files, packages=self.packages, grants=self.grants)


def read(path: Path) -> Sample:
    data = path.read_bytes()
    fields = dict(_FIELD.findall(data[:4_000].decode("utf-8", "replace")))
    listed = {
        name: tuple(one for one in re.split(r"[,\s]+", fields.get(name, "")) if one)
        for name in ("packages", "grants")
    }
    return Sample(
        path,
        data,
        fields.get("technique", "").strip(),
        fields.get("goal", "").strip(),
        listed["packages"],
        listed["grants"],
    )


def samples(kind: str, part: str) -> list[Sample]:
    """Those of ``malicious`` or ``benign``, of ``training`` or ``held_out``."""
    return [read(path) for path in sorted((CORPUS / kind / part).glob("*.py"))]
