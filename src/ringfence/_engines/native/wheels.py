"""Wheels for a native guest: unpacked once into the user's cache, and shown read-only."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence._engines.native.interpreter import Interpreter
from ringfence._engines.native.packages import PackageSet, resolve
from ringfence.engine import ImageSpec
from ringfence.errors import ConfigurationError, PackageNotAvailable
from ringfence.images.packages import keep_tree
from ringfence.wheels.assembly import Assembly, Target, assemble

__all__ = ["LentWheels", "lend_wheels"]


@dataclass(frozen=True, slots=True)
class LentWheels:
    """Wheels, and what they require of the host's.

    Attributes:
        assembly: the wheels.
        folder: where their files lie on the host.
        packages: installed distributions: those asked for by name, and those that wheels require.
    """

    assembly: Assembly
    folder: str
    packages: PackageSet


def lend_wheels(spec: ImageSpec, interpreter: Interpreter) -> LentWheels:
    """Check the wheels of a request, and unpack them if nobody has yet.

    Raises:
        WheelRefused: one cannot be lent.
        PackageNotAvailable: what they require is neither given nor installed.
        ConfigurationError: a distribution is lent by name as well.
        ImageNotUsable: the user's cache folder is not private.
    """
    markers = dict(interpreter.markers)
    assembly = assemble(spec.wheels, Target(interpreter.version, markers, str(interpreter)))
    try:
        packages = resolve((*spec.packages, *assembly.missing), interpreter)
    except PackageNotAvailable as error:
        if not assembly.missing:
            raise
        listed = ", ".join(f"{what!r} for {by}" for what, by in assembly.missing.items())
        raise PackageNotAvailable(f"{error}. The wheels given require {listed}") from error
    installed = {name for name, _ in packages.distributions}
    for one in assembly.distributions:
        if one.name in installed:
            raise ConfigurationError(
                f"packages: {one.name} is given as a wheel, and the one that is installed is lent "
                "as well: by its name, or because another package requires it"
            )
    folder = str(keep_tree(assembly.key, assembly.files))
    return LentWheels(assembly, folder, packages)
