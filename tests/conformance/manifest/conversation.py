"""Host functions, asyncio in the guest, long byte streams, modules, files."""

from __future__ import annotations

from tests.conformance.requirements import Requirement as R

__all__ = ["REQUIREMENTS"]

_HOST = "design: Host functions"
_GUEST = "issue 2: Build 3"
_DISK = ("limit:disk",)
_THREADS = ("threads",)

REQUIREMENTS = {
    "host.sync": R("A host function is called with the guest's arguments.", _HOST),
    "host.binding": R("Positions, names, defaults, *args and **kwargs bind as in Python.", _HOST),
    "host.kinds": R("Methods, partials, objects and renamed functions can be lent.", _HOST),
    "host.module": R("The module `host` holds what was lent.", _HOST),
    "host.described": R("In the guest it has its name, documentation and signature.", _HOST),
    "host.validated": R(
        "Arguments are validated strictly; a mismatch is the guest's TypeError, by name, and the "
        "function does not run.",
        _HOST,
        security=True,
    ),
    "host.declared": R("Declared classes are built for the host and cross back.", _HOST),
    "host.caller-thread": R("A sync function runs on the calling thread.", _HOST),
    "host.exception": R(
        "The guest sees HostFunctionError(name) and nothing else of an exception.",
        "trap 9",
        security=True,
    ),
    "host.visible": R("A GuestVisibleError's message reaches the guest.", _HOST),
    "host.caught": R("The guest can catch HostFunctionError and go on.", _HOST),
    "host.result-checked": R(
        "A result that breaks its annotation is hidden too.", _HOST, security=True
    ),
    "host.async": R("An async function is awaited in the guest.", _HOST),
    "host.gather": R("gather has several calls open at once.", _HOST),
    "host.any-order": R("Open calls may be answered in any order.", "design: The ports"),
    "host.taskgroup": R("Tasks and task groups call host functions.", _GUEST),
    "host.async-cancelled": R("A cancelled guest turn cancels its async host functions.", _HOST),
    "host.timeout": R("A function's own timeout ends the call, not the turn.", _HOST),
    "host.timeout-refused": R("A timeout of a plain sync function is refused.", "trap 10"),
    "host.threaded": R("threaded=True runs on a thread of its own.", "trap 10"),
    "host.abandoned": R("A threaded call that outlives its turn is named in abandoned.", "trap 10"),
    "host.busy": R("The same sandbox from inside its host function is SandboxBusy.", _HOST),
    "host.other-sandbox": R("Another sandbox may be used from a host function.", _HOST),
    "host.guest-threads": R("Guest threads may call host functions.", _HOST, _THREADS),
    "host.own": R("A sandbox has its own functions, never another's.", "trap 18", security=True),
    "host.opaque-argument": R("A guest object passed where anything goes is Opaque.", _HOST),
    "host.base-exception": R(
        "A host's KeyboardInterrupt is the caller's, and ends the guest.", _HOST
    ),
    "asyncio.await": R("await works at top level, also with and for.", _GUEST),
    "asyncio.run": R("asyncio.run(main()) works at top level, again and again.", _GUEST),
    "asyncio.stdlib": R("Sleep, timeouts, queues, locks and executors work.", _GUEST),
    "asyncio.threads": R("asyncio.to_thread works.", _GUEST, _THREADS),
    "asyncio.tasks-stay": R("A task made in one turn goes on in the next.", _GUEST),
    "asyncio.generators": R("Generators, sync and async, work in a cell.", _GUEST),
    "bytes.gigabyte": R(
        "1 GiB passes through a 64 MiB guest, both ways.", _GUEST, ("limit:memory",)
    ),
    "bytes.file": R("A Reader is a binary file in the guest: lines, sizes, to the end.", _GUEST),
    "bytes.small": R("Empty and short streams, and several at once, work.", _GUEST),
    "bytes.call": R("Streams can be arguments of call().", _GUEST),
    "bytes.writer-limit": R("A Writer's limit is the caller's error.", _GUEST),
    "bytes.file-fails": R("An exception of the host's file is the caller's.", _GUEST),
    "bytes.turn": R("A stream belongs to its turn.", _GUEST, security=True),
    "modules.import": R("modules= are importable, with __name__ and __doc__.", _GUEST),
    "modules.packages": R("Dotted names make packages; relative imports work.", _GUEST),
    "modules.traceback": R("Tracebacks show lines of injected modules.", _GUEST),
    "modules.lazy": R("A module runs when it is imported, once.", _GUEST),
    "modules.win": R("An injected module is what its import gives.", _GUEST),
    "files.read": R("files= are in the working directory, folders too.", "design: API", _DISK),
    "files.bytes": R("Contents arrive byte for byte.", "design: API", _DISK),
    "files.private": R("Files of one sandbox are in no other.", "design: API", _DISK, True),
    "files.kept": R("Scratch files stay between the turns of a sandbox.", "design: API", _DISK),
    "files.do-not-fit": R("Files that cannot fit are refused by name.", "issue 2: Bad input"),
    "files.tools": R(
        "tempfile, pathlib, shutil, zipfile and sqlite3 work there.", "design: API", _DISK
    ),
    "files.mapping": R(
        "box.files is a mapping of the scratch folder: read, write, remove, list, with sizes.",
        "issue 3: Build 3",
        _DISK,
    ),
    "files.upload": R(
        "Uploads make folders, and replace what is there.", "issue 3: Build 3", _DISK
    ),
    "files.waiting": R(
        "They are read and written while a turn waits for a host function of any kind.",
        "issue 3: Build 3",
        _DISK,
    ),
    "files.busy": R(
        "Who asks while the guest computes waits until it waits or ends.", "issue 3: Build 3", _DISK
    ),
    "files.own-time": R(
        "Asking is none of the answers that the guest waits for; its wall clock goes on resting.",
        "issue 3: Build 3",
        _DISK,
    ),
    "files.missing": R("A file that is not there is a KeyError.", "issue 3: Build 3", _DISK),
    "files.too-large": R(
        "A file larger than `value` is an error with size and limit, also a sparse one or one that "
        "grows; nothing is read.",
        "issue 3: Bad input",
        _DISK,
        security=True,
    ),
    "files.hard-names": R(
        "Names that cannot be used are listed, escaped, with the reason.",
        "issue 3: Bad input",
        _DISK,
        security=True,
    ),
    "files.many": R(
        "Listings are bounded in names and in bytes.", "issue 3: Bad input", _DISK, security=True
    ),
    "files.full": R("An upload that does not fit is an error.", "issue 3: Bad input", _DISK),
    "files.gone": R("After a kill the error says that the files are gone.", "trap 15", _DISK),
    "files.no-scratch": R("Without scratch they are refused by name.", "issue 3: Build 3"),
    "files.arguments": R("Wrong names and contents are refused.", "issue 3: Bad input"),
    "files.queue": R(
        "Threads and tasks may ask at once; questions queue.", "issue 3: Build 3", _DISK
    ),
    "trace.events": R("The tracing seam reports what the host did, in order.", "issue 2: Build 5"),
    "trace.stops": R("It reports interrupts and kills.", "issue 2: Build 5"),
    "trace.calls": R(
        "It reports host calls and whether they failed, with the exception.", "issue 2: Build 5"
    ),
    "stdlib.imports": R("What people import of the standard library works.", _GUEST),
    **{
        f"stdlib.{name}": R(f"So does {name}.", _GUEST, (f"module:{name}",))
        for name in ("bz2", "ctypes", "curses", "lzma", "mmap", "pty", "ssl")
    },
    "stdlib.missing": R(
        "missing_modules is what the engine's Python lacks, no more and no less.",
        "issue 4: Done when",
    ),
    "stdlib.advice": R(
        "An import that cannot work says as Python does that there is no such module, and what to "
        "do instead.",
        "issue 4: Build 7",
    ),
    "stdlib.asked": R(
        "Who only asks whether there is such a module is not told.", "issue 4: Build 7"
    ),
    "stdlib.denied": R(
        "Sockets, processes and multiprocessing fail at once with an OSError.",
        "issue 2: Build 4",
        security=True,
    ),
    "stdlib.unittest": R("unittest and doctest run tests in the guest.", _GUEST),
    "stdlib.builtins": R("exit, quit and help exist, as in any program.", _GUEST),
}
