"""``python -m ringfence.server.configuration FILE…``: the tables of settings and of metrics."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from ringfence.server.operations.gauges import GAUGES
from ringfence.server.operations.metrics import Metrics
from ringfence.server.settings import Settings
from ringfence.server.variables import AGENT_VARIABLES, ALIASES, PREFIX

__all__ = ["main", "metrics_page", "page"]

_GROUPS = {
    "host": "Where it listens, and who may ask",
    "database": "What it keeps",
    "engine": "What it runs",
    "pool_size": "How much at a time",
    "quota_concurrent": "Quotas of a tenant",
    "plugins": "Plugins",
    "metrics": "What it tells of itself",
}
"""The field that each part of the page begins with."""

_HEAD = ["| variable | default | |", "|---|---|---|"]


def page() -> str:
    """The tables of all variables, in Markdown."""
    lines: list[str] = []
    for name, field in Settings.model_fields.items():
        if name in _GROUPS:
            lines += ["", f"## {_GROUPS[name]}", "", *_HEAD]
        text = " ".join((field.description or "").split())
        lines.append(f"| `{PREFIX}{name.upper()}` | {_default(field)} | {text} |")
    lines += ["", "## Agent tasks", "", "| variable | |", "|---|---|"]
    lines += [f"| `{PREFIX}AGENT_{name}` | {text} |" for name, text in AGENT_VARIABLES.items()]
    lines += ["", "## Names of another service", "", "| variable | the same as |", "|---|---|"]
    lines += [f"| `{name}` | {text} |" for name, (_, text) in ALIASES.items()]
    return "\n".join(lines).strip() + "\n"


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is PydanticUndefined:
        return "see there"
    if value is None or value in ("", ()) or isinstance(value, SecretStr):
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{','.join(value)}`"
    if isinstance(value, float):
        return f"`{int(value) if value.is_integer() else value}`"
    return f"`{value}`"


def metrics_page() -> str:
    """The table of all metrics, in Markdown."""
    lines = ["| metric | kind | labels | |", "|---|---|---|---|"]
    for name, kind, labels, what in Metrics().described():
        lines.append(f"| `{name}` | {kind} | {', '.join(labels)} | {what} |")
    lines += [f"| `ringfence_{name}` | gauge | | {what} |" for name, what in GAUGES.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the tables between the markers of files."""
    for name in sys.argv[1:]:
        path = Path(name)
        text = path.read_text()
        for table, make in _TABLES.items():
            begin, end = f"<!-- {table}:begin -->", f"<!-- {table}:end -->"
            if begin in text:
                before, _, rest = text.partition(begin)
                text = f"{before}{begin}\n{make()}{end}{rest.partition(end)[2]}"
        path.write_text(text)


_TABLES: Mapping[str, Callable[[], str]] = {"settings": page, "metrics": metrics_page}


if __name__ == "__main__":
    main()
