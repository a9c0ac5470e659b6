"""What the command says about its own work: on standard error, in its own voice.

A guest cannot speak in that voice on a terminal: its text never has colours there, because ESC is
escaped, while the name in front of these lines is in colour.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from ringfence.cli import exits
from ringfence.cli.escape import escape

__all__ = ["coloured", "complain", "reporting", "use_lossless_streams"]

_BOLD_RED = "\x1b[1;31m"
_PLAIN = "\x1b[0m"


def coloured(text: str) -> str:
    """``text`` in red, if standard error is a terminal that shows colours (no-color.org)."""
    if sys.stderr.isatty() and not os.environ.get("NO_COLOR"):
        return f"{_BOLD_RED}{text}{_PLAIN}"
    return text


def complain(message: str, kind: str = "") -> None:
    """One message to the person at the terminal; ``kind`` says what it is about, ``limit``."""
    name = f"ringfence: {kind}:" if kind else "ringfence:"
    sys.stderr.write(f"{coloured(name)} {escape(message)}\n")
    sys.stderr.flush()


def use_lossless_streams() -> None:
    """Let text that the terminal's encoding lacks be written out instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


@contextmanager
def reporting() -> Iterator[None]:
    """Turn what a command raises into a message and an exit status.

    Raises:
        SystemExit: with one of :mod:`ringfence.cli.exits`.
    """
    from ringfence import errors

    try:
        use_lossless_streams()
        yield
        sys.stdout.flush()
    except errors.ConfigurationError as error:
        complain(str(error))
        sys.exit(exits.USAGE)
    except (errors.PolicyNotEnforceable, errors.EngineNotAvailable, errors.NoModel) as error:
        complain(str(error), "not available here")
        sys.exit(exits.UNAVAILABLE)
    except errors.RingfenceError as error:
        complain(str(error), "failed")
        sys.exit(exits.ENGINE_FAILURE)
    except KeyboardInterrupt:
        complain("cancelled")
        sys.exit(exits.CANCELLED)
    except BrokenPipeError:
        # Python flushes standard output at its end, and would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(exits.BROKEN_PIPE)
    except Exception:
        traceback.print_exc()
        complain("this is a fault of Ringfence, not of the guest; please report it")
        sys.exit(exits.INTERNAL)
