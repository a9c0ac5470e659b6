"""From the names that a caller gave to the distributions they stand for, with all they require.

Requirements, markers and versions mean what PEP 508, PEP 440 and PEP 503 say, as the ``packaging``
library implements them; markers are evaluated for the interpreter of the guest, not for the host's.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from ringfence._engines.native.distributions import Catalogue, Installed
from ringfence._engines.native.interpreter import Interpreter
from ringfence.errors import ConfigurationError, PackageNotAvailable

__all__ = ["Requested", "Resolution", "resolve_requirements"]

_SETTING: Final = "packages="


@dataclass(frozen=True, slots=True)
class Requested:
    """One entry of ``packages``, understood.

    Attributes:
        text: the normalised form, ``"numpy"``, ``"pandas[excel]"`` or ``"matplotlib.pyplot"``.
        installed: the distribution that it stands for.
        module: the module to import if the caller named one, None if a distribution was named.
    """

    text: str
    installed: Installed
    module: str | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a list of packages comes to.

    Attributes:
        requested: the entries, in order, each once.
        distributions: they and everything that they require, in the order in which they were met.
        notes: what is odd and did not stop anything: version conflicts, unreadable requirements.
    """

    requested: tuple[Requested, ...]
    distributions: tuple[Installed, ...]
    notes: tuple[str, ...]


class _Walk:
    """The walk over requirements; one for each call."""

    def __init__(self, catalogue: Catalogue, interpreter: Interpreter) -> None:
        self.catalogue = catalogue
        self.interpreter = interpreter
        self.markers = dict(interpreter.markers)
        self.met: dict[NormalizedName, Installed] = {}
        self.extras: dict[NormalizedName, set[str]] = {}
        self.notes: dict[str, None] = {}

    def parse(self, entry: object) -> Requirement:
        """Reads one entry of ``packages``."""
        if not isinstance(entry, str):
            raise ConfigurationError(
                f"{_SETTING} holds {entry!r}, a {type(entry).__name__}; "
                "it takes names or requirements as strings, for example 'numpy>=2'"
            )
        try:
            requirement = Requirement(entry)
        except InvalidRequirement as error:
            raise PackageNotAvailable(
                f"{_SETTING}{entry!r} is not a requirement such as 'numpy' or 'numpy>=2': "
                f"{str(error).splitlines()[0]}"
            ) from error
        if requirement.url is not None:
            raise PackageNotAvailable(
                f"{_SETTING}{entry!r} names a URL; guests get what is installed, nothing is "
                f"fetched. {self._install(requirement.url)}, then name it {requirement.name!r}"
            )
        return requirement

    def request(self, requirement: Requirement) -> Requested:
        """Finds the distribution that the caller meant, by its name or by that of a module."""
        extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
        installed = self.catalogue.find(requirement.name)
        if installed is not None:
            text, module = f"{installed.name}{extras}", None
        else:
            installed = self._provider(requirement.name)
            module = requirement.name
            text = f"{module if '.' in module else installed.name}{extras}"
        fits = self._fits(requirement, installed)
        if fits is False:
            raise PackageNotAvailable(
                f"{_SETTING}{str(requirement)!r}: {installed} is installed for {self.interpreter}. "
                f"{self._install(str(requirement))}"
            )
        self._check_extras(requirement, installed)
        return Requested(text, installed, module)

    def follow(self, installed: Installed, extras: frozenset[str]) -> None:
        """Adds *installed* with *extras* and everything that it requires."""
        queue: list[tuple[Installed, frozenset[str], tuple[str, ...]]] = [(installed, extras, ())]
        while queue:
            current, wanted, chain = queue.pop(0)
            fresh = wanted - self.extras.get(current.name, set())
            if current.name in self.met and not fresh:
                continue
            # The part without extras is asked for once, at the first visit.
            asked = fresh if current.name in self.met else fresh | {""}
            self.met.setdefault(current.name, current)
            self.extras.setdefault(current.name, set()).update(wanted)
            path = (*chain, str(current))
            for requirement in self._requirements(current, asked):
                found = self.catalogue.find(requirement.name)
                if found is None:
                    raise PackageNotAvailable(self._missing(requirement, path))
                if self._fits(requirement, found) is False:
                    self.notes[f"{current} requires {requirement}; {found} is installed"] = None
                queue.append((found, frozenset(requirement.extras), path))

    def _requirements(self, installed: Installed, extras: frozenset[str]) -> list[Requirement]:
        chosen: dict[str, Requirement] = {}
        lines = installed.requires
        if not lines and installed.is_debian:
            self.notes[
                f"{installed} states no requirements, and Debian often takes them away: if its "
                "import fails, name what it imports as well, or use a virtual environment"
            ] = None
        for line in lines:
            try:
                requirement = Requirement(line)
                marker = requirement.marker
                applies = [
                    marker is None or marker.evaluate({**self.markers, "extra": extra})
                    for extra in sorted(extras)
                ]
            except (InvalidRequirement, UndefinedEnvironmentName, UndefinedComparison):
                self.notes[f"{installed} states a requirement that cannot be read: {line}"] = None
                continue
            # Without a marker a requirement belongs to the distribution itself.
            if any(applies) and (marker is not None or "" in extras):
                requirement.marker = None
                chosen[str(requirement)] = requirement
        return list(chosen.values())

    def _provider(self, name: str) -> Installed:
        top = name.partition(".")[0]
        providers = self.catalogue.providing(top)
        if len(providers) > 1 and "." in name:
            exact = canonicalize_name(name)
            providers = [p for p in providers if exact.startswith(p.name)] or providers
        if len(providers) == 1:
            return providers[0]
        if providers:
            names = ", ".join(provider.name for provider in providers)
            raise PackageNotAvailable(
                f"{_SETTING}{name!r} is a module that several distributions share; "
                f"name the one you want: {names}"
            )
        if top in sys.stdlib_module_names:
            raise PackageNotAvailable(
                f"{_SETTING}{name!r} is part of Python; guests can import it without asking"
            )
        close = self.catalogue.close_to(name)
        hint = f" Is it {' or '.join(map(repr, close))}?" if close else ""
        raise PackageNotAvailable(
            f"{_SETTING}{name!r} is not installed for {self.interpreter}.{hint} "
            f"{self._install(name)}"
        )

    def _fits(self, requirement: Requirement, installed: Installed) -> bool | None:
        """Tells whether the version is one that is asked for; None if it is not a version."""
        try:
            version = Version(installed.version)
        except InvalidVersion:
            self.notes[f"{installed}: the version cannot be compared"] = None
            return None
        return requirement.specifier.contains(version, prereleases=True)

    def _check_extras(self, requirement: Requirement, installed: Installed) -> None:
        offered = {canonicalize_name(extra) for extra in installed.extras}
        unknown = sorted(e for e in requirement.extras if canonicalize_name(e) not in offered)
        if unknown and installed.metadata.endswith(".dist-info"):
            names = ", ".join(sorted(offered)) or "none"
            raise PackageNotAvailable(
                f"{_SETTING}{str(requirement)!r}: {installed} has no extra "
                f"{', '.join(map(repr, unknown))}; it has {names}"
            )

    def _missing(self, requirement: Requirement, chain: Sequence[str]) -> str:
        by = ", which is required by ".join(reversed(chain))
        return (
            f"{_SETTING} {str(requirement)!r} is not installed for {self.interpreter}; it is "
            f"required by {by}. {self._install(str(requirement))}"
        )

    def _install(self, what: str) -> str:
        return f"Install it with: {self.interpreter.python} -m pip install {what!r}"


def resolve_requirements(
    entries: Sequence[str], catalogue: Catalogue, interpreter: Interpreter
) -> Resolution:
    """Returns the distributions that *entries* stand for, and all that they require.

    Args:
        entries: distribution names, module names or requirements; one whose marker does not hold
            for the interpreter is passed over.
        catalogue: what is installed.
        interpreter: the interpreter of the guest.

    Raises:
        PackageNotAvailable: something is not installed, or not in a version that was asked for.
        ConfigurationError: *entries* is not a list of strings.
    """
    if isinstance(entries, (str, bytes)):
        raise ConfigurationError(f"{_SETTING}{entries!r} is one string; pass a list: [{entries!r}]")
    walk = _Walk(catalogue, interpreter)
    requested: dict[str, Requested] = {}
    for entry in entries:
        requirement = walk.parse(entry)
        marker = requirement.marker
        if marker is not None and not marker.evaluate({**walk.markers, "extra": ""}):
            continue
        found = walk.request(requirement)
        requested.setdefault(found.text, found)
        walk.follow(found.installed, frozenset(requirement.extras))
    return Resolution(tuple(requested.values()), tuple(walk.met.values()), tuple(walk.notes))
