"""Runs the program on standard input: for a host that enters a level first."""

import sys

if __name__ == "__main__":
    exec(compile(sys.stdin.read(), "<script>", "exec"), {"__name__": "__main__"})
