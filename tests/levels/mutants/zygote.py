"""Started in the place of a zygote's program: takes entries away, then becomes that program.

``zygote.py -c PROGRAM DESCRIPTOR SOURCE``, under the guest's interpreter.
"""

import os
import sys


def _take_away() -> None:
    import json
    from pathlib import Path

    repository, source = str(Path(__file__).parents[3]), sys.argv[-1]
    sys.path[:0] = [source, repository]
    from tests.levels.mutants import removals

    for name, *arguments in json.loads(os.environ["RINGFENCE_REMOVALS"]):
        getattr(removals, name)(*arguments)
    del sys.path[:2]


def _become() -> None:
    program = sys.argv[2]
    sys.argv = ["-c", *sys.argv[3:]]
    real, os.register_at_fork = os.register_at_fork, lambda **hooks: None  # as the program does
    try:
        _take_away()
    finally:
        os.register_at_fork = real
    exec(program, {"__name__": "__main__"})


_become()
