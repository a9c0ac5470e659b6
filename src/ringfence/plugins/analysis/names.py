"""Names that lead out of where code stands: what each is good for, as data."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Literal

__all__ = [
    "BENIGN_SPECIAL",
    "BUILTINS_OF_PYTHON",
    "DYNAMIC_BUILTINS",
    "ESCAPES",
    "FRAMES",
    "NAMESPACES",
    "REACHED_THROUGH",
    "STANDARD",
    "STEPS_OF_A_WALK",
    "SUBMODULES",
    "TAKEN_FROM_PACKAGES",
    "TELLING_BUILTINS",
]

STANDARD = frozenset(sys.stdlib_module_names) | {
    "distutils",
    "imp",
    "asynchat",
    "asyncore",
    "smtpd",
}
"""Modules of the standard library, of this Python and of the older ones that guests may have."""

Step = Literal["walk", "namespace", "frame", "code", "class"]

FRAMES = frozenset(
    {"tb_frame", "gi_frame", "cr_frame", "ag_frame", "f_back", "gi_yieldfrom", "cr_await"}
)
NAMESPACES = frozenset(
    {"__globals__", "func_globals", "f_globals", "f_locals", "f_builtins", "__builtins__"}
)
CODE = frozenset(
    {"__code__", "func_code", "gi_code", "cr_code", "ag_code", "f_code", "co_code", "co_consts"}
)

ESCAPES: Mapping[str, Step] = {
    **dict.fromkeys(FRAMES, "frame"),
    **dict.fromkeys(NAMESPACES, "namespace"),
    **dict.fromkeys(CODE, "code"),
    "__closure__": "code",
    "cell_contents": "code",
    "__subclasses__": "walk",
    "__subclasscheck__": "class",
    "__base__": "class",
    "__bases__": "class",
    "__mro__": "class",
    "mro": "class",
    "__class__": "class",
}
"""Attribute -> what it is a step of."""

STEPS_OF_A_WALK = frozenset(
    {"__class__", "__base__", "__bases__", "__mro__", "mro", "__subclasses__"}
)

BENIGN_SPECIAL = frozenset(
    {
        "__name__", "__doc__", "__qualname__", "__module__", "__annotations__", "__slots__",
        "__all__", "__version__", "__author__", "__len__", "__iter__", "__dict__", "__class__",
    }
)  # fmt: skip

DYNAMIC_BUILTINS: Mapping[str, str] = {
    "exec": "dynamic-code",
    "eval": "dynamic-code",
    "compile": "dynamic-code",
    "__import__": "dynamic-imports",
    "open": "files",
    "breakpoint": "interpreter",
    "__build_class__": "interpreter",
    "__loader__": "dynamic-imports",
    "__spec__": "dynamic-imports",
    "input": "interpreter",
}
"""Builtin -> the grant that it needs."""

TELLING_BUILTINS = frozenset(DYNAMIC_BUILTINS) | {
    "__builtins__", "isinstance", "issubclass", "_getattr_", "_getitem_", "_getiter_",
    "_write_", "getattr", "setattr", "delattr", "vars", "globals", "locals",
}  # fmt: skip
"""Builtins whose mere mention is looked at."""

BUILTINS_OF_PYTHON = frozenset(
    {
    "abs", "aiter", "all", "anext", "any", "ascii", "bin", "bool", "breakpoint", "bytearray",
    "bytes",
    "callable", "chr", "classmethod", "compile", "complex", "copyright", "credits", "delattr",
    "dict",
    "dir", "divmod", "enumerate", "eval", "exec", "exit", "filter", "float", "format", "frozenset",
    "getattr", "globals", "hasattr", "hash", "help", "hex", "id", "input", "int", "isinstance",
    "issubclass", "iter", "len", "license", "list", "locals", "map", "max", "memoryview", "min",
    "next",
    "object", "oct", "open", "ord", "pow", "print", "property", "quit", "range", "repr", "reversed",
    "round", "set", "setattr", "slice", "sorted", "staticmethod", "str", "sum", "super", "tuple",
    "type", "vars", "zip", "__import__", "__build_class__", "__builtins__", "__loader__",
    "__spec__",
    }
)  # fmt: skip

REACHED_THROUGH = frozenset(
    {
        "os", "sys", "subprocess", "socket", "shutil", "builtins", "importlib", "imp", "io",
        "threading",
        "multiprocessing", "ctypes", "signal", "posix", "nt", "pickle", "marshal",
        "inspect", "types",
        "gc", "code", "codeop", "runpy", "pty", "tempfile", "pathlib", "select",
        "selectors", "mmap",
        "asyncio", "urllib", "ssl", "webbrowser", "linecache", "pdb", "platform",
        "glob", "getpass", "resource", "fcntl", "cffi",
        "zipimport", "pkgutil", "copyreg",
        "sysconfig", "site", "logging", "faulthandler", "atexit", "bltns", "codecs",
    }
)  # fmt: skip
"""Modules that others have imported under their name, or under it with an underscore."""

TAKEN_FROM_PACKAGES = frozenset(
    {
        "os",
        "sys",
        "subprocess",
        "socket",
        "shutil",
        "builtins",
        "importlib",
        "ctypes",
        "pickle",
        "marshal",
        "threading",
        "multiprocessing",
        "signal",
        "posix",
        "gc",
        "pty",
        "mmap",
    }
)
"""Of these, those that a package other than the standard library gives nobody by chance."""

SUBMODULES = frozenset(
    {
        "os.path", "sys.platform", "importlib.resources", "importlib.metadata",
        "importlib.abc", "importlib.util",
        "importlib.machinery", "concurrent.futures", "concurrent.futures.thread", "urllib.request",
        "multiprocessing.pool", "multiprocessing.context", "xml.dom", "email.mime", "http.client",
        "http.server", "ctypes.util", "asyncio.subprocess", "wsgiref.types", "collections.abc",
        "multiprocessing.shared_memory", "importlib.resources.abc", "importlib.readers",
        "numpy.random", "numpy.ctypeslib", "asyncio.threads", "email.message", "numpy.typing",
        "inspect.code", "typing.io", "json.tool", "numpy.lib.format", "numpy.types",
        "builtins.types",
        "asyncio.selectors", "logging.logging", "compression.gzip", "typing.types",
        "concurrent.threading",
    }
)  # fmt: skip
"""Whose last name is that of a module in :data:`REACHED_THROUGH`, and which are their own."""
