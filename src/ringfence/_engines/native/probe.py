"""Describes the interpreter that runs it, as one line of JSON on standard output.

Run as a script, ``python -I -S probe.py``: standard library only, and no syntax newer than Python
3.5, so that an interpreter that is too old can still say so. ``-S`` keeps ``.pth`` files and
``sitecustomize`` from running; where packages live is worked out here instead, as ``site`` would.
"""

import importlib.machinery
import json
import os
import sys

__all__ = ["describe"]


def _virtual_environment(executable: str) -> "tuple[str, bool] | None":
    """Returns the environment's directory and whether it sees the base's packages, or None."""
    folder = os.path.dirname(os.path.abspath(executable))
    for place in (folder, os.path.dirname(folder)):
        try:
            with open(os.path.join(place, "pyvenv.cfg"), encoding="utf-8") as file:
                lines = file.read().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            continue
        system = "true"
        for line in lines:
            name, _, value = line.partition("=")
            if name.strip().lower() == "include-system-site-packages":
                system = value.strip().lower()
        return os.path.dirname(folder), system == "true"
    return None


def _site_directories() -> "list[str]":
    """Returns the directories of packages, in the order in which ``site`` would add them."""
    environment = _virtual_environment(sys.executable)
    if environment is not None:
        # Before `site` is imported: Debian's looks at the prefix to choose its layout.
        sys.prefix = sys.exec_prefix = environment[0]
    import site

    base = [sys.base_prefix, sys.base_exec_prefix]
    user = []
    if not os.environ.get("PYTHONNOUSERSITE") and os.getuid() == os.geteuid():
        user = [site.getusersitepackages()]
    if environment is None:
        return user + site.getsitepackages(base)
    own = site.getsitepackages([environment[0]])
    return own + user + site.getsitepackages(base) if environment[1] else own


def _markers() -> "dict[str, str]":
    """Returns the environment of dependency specifiers (PEP 508), without ``extra``."""
    system = os.uname()
    number = sys.implementation.version
    release = ".".join(map(str, number[:3]))
    if number[3] != "final":
        release += number[3][0] + str(number[4])
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": release,
        "os_name": os.name,
        "platform_machine": system.machine,
        "platform_python_implementation": "CPython",
        "platform_release": system.release,
        "platform_system": system.sysname,
        "platform_version": system.version,
        "python_full_version": sys.version.split()[0],
        "python_version": ".".join(map(str, sys.version_info[:2])),
        "sys_platform": sys.platform,
    }


def describe() -> "dict[str, object]":
    """Returns what the host needs to know about this interpreter; every value is plain JSON."""
    dynload = [p for p in sys.path if os.path.basename(p) == "lib-dynload" and os.path.isdir(p)]
    return {
        "implementation": sys.implementation.name,
        "version": list(sys.version_info[:3]),
        "executable": getattr(sys, "_base_executable", None) or sys.executable,
        "stdlib": os.path.dirname(os.path.abspath(os.__file__)),
        "dynload": dynload[0] if dynload else None,
        "multiarch": getattr(sys.implementation, "_multiarch", None),
        "suffixes": importlib.machinery.EXTENSION_SUFFIXES,
        "abi": "{}{}".format(sys.implementation.cache_tag, getattr(sys, "abiflags", "")),
        "site": _site_directories(),
        "markers": _markers(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(describe()) + "\n")
