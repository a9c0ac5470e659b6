"""The corpus on engines that only evaluate: each attack as a script that is loaded and called.

The attacks are written for CPython, so on a small interpreter most end where it lacks what they
need. What counts is what an attack gets to see and to do, so the verdict of each, as exact as the
engine is, stands in ``on_evaluators/NAME.toml``, and whoever changes one has to look at it.

    python -m tests.attacks.on_evaluators micro           # what comes out now, beside the table
    python -m tests.attacks.on_evaluators micro --write   # into the table
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ringfence.engine import EvaluatorEngine
from ringfence.model.evaluation import BatchOutcomes, Budget, Calls, CallStatus, Script
from ringfence.runtime.registry import find_evaluator
from tests.attacks.canaries import Canaries
from tests.attacks.corpus import Attack, load

__all__ = ["EvaluatorRange", "lots", "recorded", "script_of", "table_of"]

_GOOD = Script(source="def f(x):\n    return x * 2 + 1", entry="f", name="good")
_ENTRY = "attack_of_the_corpus"
_LONGEST = 60
_LOT = 40
_NOT_THEIRS = frozenset({"NameError", "ImportError", "SyntaxError"})
_VARYING = re.compile(r"0x[0-9a-f]+|\b[0-9a-f]*\d{5}[0-9a-f]*\b|(?<=at )[0-9a-f]+")
_BOUNDS: Mapping[str, Any] = {"fuel": 50_000_000, "memory": 1 << 20, "wall": 10.0, "output": 4096}


def table_of(name: str) -> Path:
    """Where the verdicts of an evaluator stand."""
    return Path(__file__).parent / "on_evaluators" / f"{name}.toml"


def recorded(name: str) -> dict[str, str]:
    """The verdict of each attack on an evaluator: ``ok VALUE``, a bound, ``crashed``, or the type
    of what was raised. ``killed`` where no instructions are counted: what fills the guest's memory
    and takes its time reaches one or the other first, as quick as the machine is.
    """
    with table_of(name).open("rb") as file:
        table = tomllib.load(file)["verdicts"]
    return {attack: verdict for verdict, attacks in table.items() for attack in attacks}


def script_of(attack: Attack, target: Mapping[str, str | int]) -> Script:
    """The attack as one script: its cells one after another while it is loaded; then a function
    prints what the last one's last expression was.
    """
    source = "\n".join(cell.source for cell in attack.cells)
    lines = source.splitlines()
    try:
        last = ast.parse(source).body[-1]
    except (SyntaxError, ValueError, RecursionError, MemoryError, IndexError):
        last = None
    shown = "None"
    if isinstance(last, ast.Expr):
        before = lines[last.lineno - 1].encode()
        column = last.col_offset
        lines[last.lineno - 1] = (before[:column] + b"attacked = " + before[column:]).decode()
        shown = "attacked"
    aim = f"TARGET = {dict(target)!r}\n" if attack.aims else ""
    end = f"\ndef {_ENTRY}():\n    print(repr({shown}))\n    return 1\n"
    return Script(source=aim + "\n".join(lines) + end, entry=_ENTRY, name="attack")


class EvaluatorRange:
    """Runs attacks on an evaluator, each beside a script that has to stay as good as it was."""

    def __init__(self, evaluator: EvaluatorEngine) -> None:
        self._evaluator = evaluator
        held = evaluator.capabilities.budgets
        bounds = {name: value for name, value in _BOUNDS.items() if name in held}
        if "fuel" not in held:
            bounds["wall"] = 1.0  # what never ends is waited for
        self._counts = "fuel" in held
        self._budget = Budget(**bounds)
        self._canaries = Canaries()
        for _ in range(3):  # what it keeps it has then, and guests of earlier tests have ended
            before = self._canaries.look()
            with evaluator.compile([_GOOD], budget=self._budget) as program:
                program.evaluate([Calls(columns=[[1.0]])], self._budget)
            if not self._canaries.complaints(before, ()):
                break

    def close(self) -> None:
        """Take the canaries down."""
        self._canaries.close()

    def run(self, attacks: Sequence[Attack]) -> tuple[list[str], list[str]]:
        """The verdicts of attacks that share a guest; and what the canaries, or the script beside
        them, complain about.
        """
        before = self._canaries.look()
        scripts = [script_of(attack, self._canaries.target) for attack in attacks]
        good = Calls(columns=[[1.0]])
        calls = [good]
        for number in range(len(scripts)):
            calls += [Calls(script=number + 1, count=1), good]
        with self._evaluator.compile([_GOOD, *scripts], budget=self._budget) as program:
            outcomes = program.evaluate(calls, self._budget)
        complaints = self._canaries.complaints(before, ())
        if set(outcomes.values[::2].tolist()) != {3.0}:
            complaints.append(f"the script beside it came to {outcomes.values.tolist()}")
        said = outcomes.output + repr(outcomes.errors).encode()
        secrets = (self._canaries.environment_secret, self._canaries.file_secret)
        if any(secret.encode() in said for secret in secrets):
            complaints.append("a secret came out")
        verdicts = [_verdict(outcomes, 2 * n + 1) for n in range(len(scripts))]
        if not self._counts:
            verdicts = ["killed" if one in ("wall", "crashed") else one for one in verdicts]
        return verdicts, complaints


def lots(found: Mapping[str, str]) -> list[list[str]]:
    """Attacks by the guests that they are run in: what does not even come to its end while it is
    loaded, as most of it, which is Python's and not theirs, shares one with others.
    """
    stopped = [name for name, verdict in found.items() if verdict in _NOT_THEIRS]
    alone = [[name] for name, verdict in found.items() if verdict not in _NOT_THEIRS]
    return [stopped[at : at + _LOT] for at in range(0, len(stopped), _LOT)] + alone


def _verdict(outcomes: BatchOutcomes, index: int) -> str:
    match CallStatus(int(outcomes.status[index])):
        case CallStatus.OK:
            shown = outcomes.output.decode("utf-8", "replace").splitlines()
            value = _VARYING.sub("#", shown[-1]) if shown else ""
            return f"ok {value if len(value) <= _LONGEST else '...'}"
        case CallStatus.ERROR:
            return outcomes.errors[index].type
        case CallStatus.LIMIT:
            return outcomes.limits[index]
        case other:
            return other.name.lower()


def _table(found: Mapping[str, str]) -> str:
    """TOML, so that a look at it shows what succeeds in anything at all."""
    attacks: dict[str, list[str]] = {}
    for attack, verdict in found.items():
        attacks.setdefault(verdict, []).append(attack)
    lines = ["[verdicts]"]
    for verdict, names in sorted(attacks.items(), key=lambda item: (item[0][:3] == "ok ", item)):
        key = verdict.replace("\\", "\\\\").replace('"', '\\"')
        lines += [f'"{key}" = [', *(f'    "{name}",' for name in sorted(names)), "]"]
    return "\n".join(lines) + "\n"


def _main() -> int:
    parser = argparse.ArgumentParser(description="The corpus on an engine that only evaluates.")
    parser.add_argument("engine")
    parser.add_argument("--write", action="store_true", help="write the table of verdicts")
    arguments = parser.parse_args()
    found: dict[str, str] = {}
    harmed = 0
    here = EvaluatorRange(find_evaluator(arguments.engine))
    for attack in load():
        (found[attack.id],), complaints = here.run([attack])
        for complaint in complaints:
            harmed += 1
            print(f"{attack.id}: {complaint}")
    here.close()
    path = table_of(arguments.engine)
    if arguments.write:
        path.parent.mkdir(exist_ok=True)
        path.write_text(_table(found))
    elif path.exists():
        then = recorded(arguments.engine)
        for name, verdict in found.items():
            if verdict != then.get(name):
                print(f"{name}: {verdict}, and not {then.get(name)}")
    return bool(harmed)


if __name__ == "__main__":
    sys.exit(_main())
