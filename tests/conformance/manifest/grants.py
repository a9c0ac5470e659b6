"""Engines, walls, interpreters, packages, policy, and arguments that are refused."""

from __future__ import annotations

from tests.conformance.requirements import Requirement as R

__all__ = ["REQUIREMENTS"]

_AUTO = "design: auto"
_ENFORCED = "design: A limit is enforced or refused"
_POLICY = "design: Policy"
_NATIVE = "issue 2: Build 4"
_PACKAGES = ("packages",)
_WHEELS = ("wheels",)
_BUILD = "issue 4: Build 5"

REQUIREMENTS = {
    "engines.listed": R(
        "engines() says what each can do and what stands here.", "issue 2: Build 5"
    ),
    "engines.auto": R("auto runs on an engine with an accepted set of walls.", _AUTO),
    "engines.named": R("An engine is chosen by name; the result says which ran.", _AUTO),
    "engines.order": R("A list is tried in order; the result says which ran.", _AUTO),
    "engines.none": R("If none can, the error lists why for each.", _AUTO),
    "walls.default-full": R("The default accepts full sets of walls only.", _POLICY, security=True),
    "walls.weaker-by-name": R("A weaker set stands only if it is named.", _POLICY),
    "walls.refused": R("A set that no engine offers is refused, with what there is.", _ENFORCED),
    "walls.unenforceable": R(
        "A limit that the accepted walls cannot enforce is refused by name.",
        _ENFORCED,
        security=True,
    ),
    "policy.deterministic": R(
        "With deterministic=True the same code and inputs give the same bytes and the same fuel: in "
        "any process, of any Python.",
        "issue 4: Build 4",
        needs=("deterministic",),
    ),
    "policy.deterministic-refused": R(
        "deterministic=True is refused where the engine cannot.", _ENFORCED
    ),
    "policy.read": R("read= paths are readable, files and folders.", _POLICY, ("read",)),
    "policy.read-only": R("They cannot be written.", _POLICY, ("read",), True),
    "policy.read-nothing-else": R("What lies beside them stays hidden.", _POLICY, ("read",), True),
    "policy.zoneinfo": R("zoneinfo works when its data is granted.", _POLICY, ("read",)),
    "policy.tenant": R("isolation='tenant' is an image of one's own.", "trap 17", ("tenant",)),
    "policy.tenant-refused": R(
        "isolation='tenant' is refused where the engine cannot.", _ENFORCED, security=True
    ),
    "policy.cpu-share": R(
        "cpu_share bounds how much of a core is used, or is refused.", _POLICY, ("cpu_share",)
    ),
    "python.other": R("python= runs another CPython.", _NATIVE, ("interpreters",)),
    "python.same-api": R(
        "Values, host functions, errors and limits work on each.", _NATIVE, ("interpreters",)
    ),
    "python.refused": R(
        "What is no usable CPython is refused by name.", _NATIVE, ("interpreters",)
    ),
    "packages.numpy": R("NumPy works: linear algebra, FFT, random, files.", _NATIVE, _PACKAGES),
    "packages.pandas": R("pandas works, with files= and dates.", _NATIVE, _PACKAGES),
    "packages.matplotlib": R(
        "matplotlib draws, saves and shows.", _NATIVE, (*_PACKAGES, "limit:disk")
    ),
    "packages.scipy": R("scipy works: optimize, stats, sparse, signal.", _NATIVE, _PACKAGES),
    "packages.closure": R("What a package requires comes with it.", _NATIVE, _PACKAGES),
    "packages.metadata": R("importlib.metadata knows the granted packages.", _NATIVE, _PACKAGES),
    "packages.only-granted": R(
        "A package that was not granted cannot be imported.", _NATIVE, _PACKAGES, True
    ),
    "packages.missing": R(
        "A package that is not installed is refused by name.", _NATIVE, _PACKAGES
    ),
    "packages.blas": R("BLAS runs single-threaded, also with threads=0.", _NATIVE, _PACKAGES),
    "packages.random": R(
        "NumPy's generators differ from guest to guest.", "trap 1", _PACKAGES, True
    ),
    "packages.config": R(
        "matplotlib has a writable configuration folder.", _NATIVE, (*_PACKAGES, "limit:disk")
    ),
    "wheels.import": R(
        "Modules, data and metadata of a wheel are there, with their lines in tracebacks.",
        _BUILD,
        _WHEELS,
    ),
    "wheels.given": R("A wheel is given as a Wheel, a path or its text.", _BUILD, _WHEELS),
    "wheels.read-only": R("A guest cannot change what its siblings import.", _BUILD, _WHEELS, True),
    "wheels.not-run": R("No code of a wheel runs outside of a guest.", "trap 2", _WHEELS, True),
    "wheels.data": R("What is in .data is where pip --target puts it.", _BUILD, _WHEELS),
    "wheels.required": R(
        "What a wheel requires and nobody has given is refused by name, before anything starts.",
        _BUILD,
        _WHEELS,
    ),
    "wheels.refused": R(
        "A wheel with native code, for another Python or in two versions is refused by name.",
        _BUILD,
        _WHEELS,
    ),
    "wheels.hash": R(
        "A wheel is the file that was asked for, and enforced names its hash.",
        _BUILD,
        _WHEELS,
        True,
    ),
    "wheels.real": R("Wheels of a package index work.", _BUILD, _WHEELS),
    "wheels.faces": R("AsyncSandbox and Pool lend wheels.", _BUILD, _WHEELS),
    "wheels.snapshot": R(
        "A snapshot belongs to the wheels that were lent, and does not hold their files.",
        _BUILD,
        ("wheels", "snapshot"),
    ),
    "wheels.compiled": R(
        "Byte code is made once, not by each guest.", _BUILD, ("wheels", "snapshot")
    ),
    "wheels.installed": R(
        "What is installed comes with wheels that require it; nothing is lent twice.",
        _BUILD,
        ("wheels", "packages"),
    ),
    "wheels.names": R(
        "An engine that lends nothing of the host's says how to lend a wheel.", _BUILD
    ),
    "arguments.refused": R(
        "Every wrong argument is refused by name, with what would be right.", "issue 2: Bad input"
    ),
    "arguments.nothing-started": R("It is refused before a process starts.", "issue 2: Bad input"),
    "arguments.turn": R(
        "Wrong arguments of a turn leave the sandbox usable.", "issue 2: Bad input"
    ),
    "arguments.unknown": R("Unknown arguments are TypeErrors.", "issue 2: Bad input"),
}
