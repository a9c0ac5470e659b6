"""``python -m tests.attacks [--walls A+B] FILE...``: what comes of attacks, beside what should."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from ringfence.model import Policy
from tests.attacks.corpus import CORPUS, Attack, load
from tests.attacks.runner import Range, check, expected


def main() -> int:
    """Run the attacks named on the command line; the exit status tells whether all were repelled."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=[CORPUS])
    parser.add_argument("--engine", default="native")
    parser.add_argument("--walls", help="a set of walls: landlock+seccomp")
    parser.add_argument("--python", help="another interpreter")
    parser.add_argument("--all", action="store_true", help="show what came as expected too")
    parser.add_argument("--json", action="store_true", help="the counts alone, as JSON")
    options = parser.parse_args()
    policy, overrides = None, {}
    if options.walls:
        walls = options.walls.split("+")
        policy = Policy(walls=[walls])
        if "namespaces" not in walls and "wasm" not in walls:
            overrides = {"threads": 0, "disk": 0}
    attacks = [attack for path in options.paths for attack in load(path.resolve())]
    with Range(
        options.engine, policy=policy, limit_overrides=overrides, python=options.python
    ) as field:
        count = _Count(field, show_all=options.all, quiet=options.json)
        for attack in attacks:
            count.take(attack)
    if options.json:
        print(json.dumps(vars(count.found)))
    else:
        print(count.found)
    return 1 if count.found.failed else 0


class _Found:
    """What came of a number of attacks."""

    def __init__(self) -> None:
        self.repelled = 0
        self.skipped: Counter[str] = Counter()
        self.failed: list[str] = []

    def __str__(self) -> str:
        skipped = sum(self.skipped.values())
        return f"{self.repelled} repelled, {len(self.failed)} failed, {skipped} skipped"


class _Count:
    """Runs attacks on a range, tells of each, and counts."""

    def __init__(self, field: Range, *, show_all: bool, quiet: bool) -> None:
        self.found = _Found()
        self._field = field
        self._show_all = show_all
        self._quiet = quiet

    def take(self, attack: Attack) -> None:
        """Run one of them."""
        unmet = self._field.unmet(attack)
        if unmet is not None:
            self.found.skipped[unmet] += 1
            self._tell(f"skip  {attack.id}: {unmet}")
            return
        observed = self._field.run(attack)
        try:
            check(attack, observed)
        except AssertionError as error:
            self.found.failed.append(str(error))
            self._tell(f"FAIL  {error}")
        else:
            self.found.repelled += 1
            if self._show_all:
                self._tell(f"pass  {attack.id}: {expected(attack, observed.setting)}")

    def _tell(self, line: str) -> None:
        if not self._quiet:
            print(line, flush=True)


sys.exit(main())
