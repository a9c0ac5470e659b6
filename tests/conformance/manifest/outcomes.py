"""What a Result says: status, error, usage, enforcement; and what programs print and show."""

from __future__ import annotations

from tests.conformance.requirements import Requirement as R

__all__ = ["REQUIREMENTS"]

_RESULT = "issue 2: Build 2"
_FAILURE = "design: Guest failure is data"
_GUEST = "issue 2: Build 3"

REQUIREMENTS = {
    "result.ok": R("A turn that ended well is ok, with the value of its last expression.", _RESULT),
    "result.value": R(
        "Only a last expression is a value; other last statements give None.", _RESULT
    ),
    "result.usage-keys": R("usage has the names of the limits as keys.", "design: Limits"),
    "result.usage": R(
        "usage counts what the turn used, not what earlier ones did.", "design: Limits"
    ),
    "result.enforced": R(
        "enforced names a mechanism for every limit that the engine enforces, and for network, "
        "files and processes.",
        "design: A limit is enforced or refused",
    ),
    "result.engine-walls": R(
        "Every result says which engine ran and which walls stood.",
        "design: A limit is enforced or refused",
    ),
    "result.plain-data": R("A result is immutable, copies and pickles.", _RESULT),
    "raise.ok": R("raise_for_status() of an ok result is the result.", _FAILURE),
    "raise.statuses": R("Each status and limit raises its own exception.", "errors.py"),
    "raise.message": R("The exception's text shows the guest's traceback.", "errors.py"),
    "errors.traceback": R("The traceback shows the guest's own lines, and nothing else.", _RESULT),
    "errors.traceback-cpython": R("It is what CPython prints for the same source.", _RESULT),
    "errors.functions": R(
        "Frames of functions defined in earlier cells show their lines.", _RESULT
    ),
    "errors.filename": R("filename= is what the traceback calls the code.", _RESULT),
    "errors.syntax": R("A SyntaxError shows the line and the place, and no host path.", _RESULT),
    "errors.chained": R("Causes and contexts are shown.", _RESULT),
    "errors.group": R("Exception groups are shown with their parts.", _RESULT),
    "errors.await": R("Top-level await adds no frames of the machinery.", _RESULT),
    "errors.exit": R("SystemExit without a code, or 0, is ok; another code is an error.", _RESULT),
    "errors.exit-output": R("What was printed before SystemExit is kept.", _RESULT),
    "errors.interrupt": R("A KeyboardInterrupt of the guest's own is an error.", _RESULT),
    "errors.bounded": R(
        "Long messages and tracebacks are cut.", "issue 2: Bad input", security=True
    ),
    "errors.hostile-str": R("An exception whose str or type misbehaves is described.", _RESULT),
    "errors.recursion": R("Endless recursion is a RecursionError, and the sandbox lives.", _RESULT),
    "errors.partial": R("What a cell did before it raised stays done.", _RESULT),
    "errors.ours": R(
        "Errors of the machinery in the guest read as if they were builtins of it.", _RESULT
    ),
    "crash.exit": R("A guest process that ends by itself is crashed, never ok.", _FAILURE),
    "crash.native": R("Native code that crashes is one too.", _FAILURE, ("module:ctypes",)),
    "crash.beside": R("A crash leaves the sandboxes beside it alone.", "issue 2: Bad input"),
    "crash.used-after": R("After a crash the sandbox refuses by name.", "issue 2: Bad input"),
    "output.streams": R("stdout and stderr are apart, and whole.", _GUEST),
    "output.unicode": R("Any text prints; what UTF-8 cannot say is escaped.", _GUEST),
    "output.bytes": R("Bytes that are not UTF-8 arrive as replacement characters.", _GUEST),
    "output.unended": R(
        "A line without an end is not lost, in a value, an error or an exit.", _GUEST
    ),
    "output.unended-limit": R(
        "A line without an end that was printed before a limit of time is not lost.",
        _GUEST,
    ),
    "output.live": R("What is printed arrives before the guest goes on.", _GUEST),
    "output.replaced": R("A guest may replace, redirect or close its streams.", _GUEST),
    "output.many-lines": R("Tens of thousands of short lines arrive whole.", _GUEST),
    "output.logging": R("logging works and goes to stderr.", _GUEST),
    "output.warnings": R("warnings go to stderr and show the guest's line.", _GUEST),
    "output.progress": R("progress() reaches the host as an event.", _GUEST),
    "input.text": R("input() reads the given stdin; the end is EOFError.", _GUEST),
    "input.per-run": R("stdin= of a run replaces that of the sandbox.", _GUEST),
    "input.callback": R("input() asks the host's callback, a line each.", _GUEST),
    "input.callback-end": R("A callback that returns '' is the end of stdin.", _GUEST),
    "input.callback-fails": R("A callback's exception stays on the host.", "trap 9", security=True),
    "input.none": R("Without stdin, input() is EOFError at once.", _GUEST),
    "input.prompt": R("A prompt is printed.", _GUEST),
    "input.files": R("sys.stdin iterates, reads and reads lines.", _GUEST),
    "stream.events": R("stream() yields Output, Display and Progress in order.", "design: API"),
    "stream.result-last": R("The Result is the last, and holds everything.", "design: API"),
    "stream.live": R("An event arrives while the guest still runs.", "design: API"),
    "stream.left": R("Leaving the loop early ends the guest.", "design: API"),
    "display.call": R("display() shows values, in the order of the calls.", "design: API"),
    "display.rich": R("Notebook methods give the media types.", "design: API"),
    "display.value": R(
        "The value of a cell whose class has a look of its own is displayed, as in a notebook.",
        "issue 3: Build 5",
    ),
    "display.open-figures": R(
        "A cell that ends well displays and closes the figures that it left open.",
        "issue 3: Build 5",
        ("packages", "limit:disk"),
    ),
    "display.image": R(
        "Pillow's images are displayed.", "issue 3: Build 5", ("packages", "limit:disk")
    ),
    "display.kept": R(
        "box.displays has what the turns have shown; what it no longer has is counted.",
        "issue 3: Build 5",
    ),
    "display.bounded": R(
        "Figures too large to draw, and displays without end, reach a limit and harm nothing.",
        "issue 3: Bad input",
        security=True,
    ),
    "display.failing": R("A display method that raises is left out.", "design: API"),
    "display.figure": R("display(figure) is a PNG.", "design: API", ("packages", "limit:disk")),
    "display.show": R(
        "plt.show() displays the open figures.", "design: API", ("packages", "limit:disk")
    ),
}
