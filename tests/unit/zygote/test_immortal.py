"""Objects whose references are not counted any more, in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys

_PROGRAM = """
import json, os, sys
from ringfence.zygote.immortal import make_all_immortal

class Kind:
    def __init__(self):
        self.text = "".join(["not", "interned"])

    def double(self, number):
        return number * 2

held = Kind()
made = make_all_immortal()
count = sys.getrefcount
new = Kind()
before = count(new)
others = [new] * 5
print(json.dumps({
    "made": made > 1_000,
    "old": [count(one) == count(None) for one in (held, held.text, Kind, Kind.double.__code__)],
    "new": count(new) - before,
    "works": [held.double(4), Kind().text, sorted({3: "c", 1: "a"})],
}), flush=True)
os._exit(0)
"""


def test_what_is_there_is_immortal_and_what_comes_is_not() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    known = (3, 12) <= sys.version_info[:2] <= (3, 13)
    assert json.loads(ended.stdout) == {
        "made": known,
        "old": [known] * 4,
        "new": 5,
        "works": [8, "notinterned", [1, 3]],
    }
