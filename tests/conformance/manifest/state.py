"""Sessions that are saved, restored and described."""

from __future__ import annotations

from tests.conformance.requirements import Requirement as R

__all__ = ["REQUIREMENTS"]

_BUILD = "issue 3: Build 2"
_BAD = "issue 3: Bad input"

REQUIREMENTS = {
    "state.data": R("Data of a saved session is there again, equal and of the same types.", _BUILD),
    "state.shared": R("Variables that share objects share them again.", _BUILD),
    "state.source": R(
        "Functions, classes, lambdas and imports of a saved session are there again.", _BUILD
    ),
    "state.order": R(
        "Definitions and data that need each other are restored in an order that works.", _BUILD
    ),
    "state.members": R("What was set on a function or a class is restored.", _BUILD),
    "state.once": R("No cell runs again: what it did besides defining is not done twice.", _BUILD),
    "state.lost": R("What cannot be saved is listed by name, with type and reason.", _BUILD),
    "state.partial": R("What cannot be restored costs only itself, and is listed.", _BUILD),
    "state.again": R("A restored sandbox can be saved again, and nothing changes.", _BUILD),
    "state.tracebacks": R("Tracebacks show the lines of restored code where they were.", _BUILD),
    "state.versions": R(
        "A session saved by one Python is restored by another.",
        "trap 3",
        needs=("interpreters",),
    ),
    "state.engines": R(
        "A session saved by one engine is restored by another, and saved and restored back.",
        "issue 4: Build 3",
    ),
    "state.no-bytecode": R("A save holds no bytecode.", "trap 3", security=True),
    "state.sealed": R(
        "A save that was changed, cut, sealed with another key or saved for something else is not "
        "restored, and the error says which.",
        "trap 14; issue 3: Bad input",
        security=True,
    ),
    "state.key": R("Keys are checked; without one the user's own is used.", "trap 14"),
    "state.grants": R(
        "A restored sandbox has what is given to it, and nothing that the save says.",
        "trap 14",
        security=True,
    ),
    "state.lent": R(
        "A variable that refers to a host function finds the one of that name, or is listed.",
        _BUILD,
    ),
    "state.bounded": R("A save is bounded by the value limit, both ways.", _BUILD, security=True),
    "state.limits": R(
        "A save and a restore run within the limits; a restore that fails leaves nothing running.",
        _BUILD,
        security=True,
    ),
    "state.random": R(
        "Sandboxes restored from one save draw different random numbers.", "trap 1", security=True
    ),
    "state.hostile": R(
        "Objects and modules that attack the save harm nothing but what is saved of them.",
        _BAD,
        security=True,
    ),
    "state.forged": R("A guest that lies about what it saved is ended.", _BAD, security=True),
    "state.arguments": R("Wrong arguments are refused by name before anything starts.", _BUILD),
    "state.variables": R("Variables are described: name, type, size, a short text.", _BUILD),
    "state.variables-bounded": R(
        "Descriptions are bounded, whatever a repr does.", _BUILD, security=True
    ),
    "state.async": R("AsyncSandbox saves, restores and describes as Sandbox does.", _BUILD),
}
