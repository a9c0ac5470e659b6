"""``python -m tests.attacks [--walls A+B] FILE...``: what comes of attacks, beside what should."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ringfence.model import Policy
from tests.attacks.corpus import CORPUS, load
from tests.attacks.runner import Range, check, expected


def main() -> int:
    """Run the attacks named on the command line; the exit status tells whether all were repelled."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=[CORPUS])
    parser.add_argument("--engine", default="native")
    parser.add_argument("--walls", help="a set of walls: landlock+seccomp")
    parser.add_argument("--python", help="another interpreter")
    parser.add_argument("--all", action="store_true", help="show what came as expected too")
    options = parser.parse_args()
    policy, overrides = None, {}
    if options.walls:
        walls = options.walls.split("+")
        policy = Policy(walls=[walls])
        if "namespaces" not in walls:
            overrides = {"threads": 0, "disk": 0}
    failures = 0
    with Range(
        options.engine, policy=policy, limit_overrides=overrides, python=options.python
    ) as field:
        for attack in (attack for path in options.paths for attack in load(path.resolve())):
            unmet = field.unmet(attack)
            if unmet is not None:
                print(f"skip  {attack.id}: {unmet}")
                continue
            observed = field.run(attack)
            try:
                check(attack, observed)
            except AssertionError as error:
                failures += 1
                print(f"FAIL  {error}", flush=True)
            else:
                if options.all:
                    print(f"pass  {attack.id}: {expected(attack, observed.setting)}", flush=True)
    return 1 if failures else 0


sys.exit(main())
