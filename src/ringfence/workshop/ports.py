"""What a workshop needs of others: an analysis, a trial for each spec, and who signs.

The real ones are :func:`ringfence.plugins.analysis.analyze`,
:class:`ringfence.workshop.specs.HookTrial` and :class:`ringfence.workshop.signing.Repository`. An
application brings trials of its own for kinds of bundles that are no plugins of hooks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from ringfence.plugins import Bundle, Manifest

__all__ = [
    "AnalysisFinding",
    "AnalysisReport",
    "Analyze",
    "Capabilities",
    "SignedRelease",
    "Signer",
    "Spec",
    "TrialCase",
    "TrialReport",
]


class AnalysisFinding(Protocol):
    """Something that the analysis has to say about a line."""

    @property
    def rule(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def message(self) -> str: ...
    @property
    def remedy(self) -> str: ...


class Capabilities(Protocol):
    """What the analysis takes a bundle to need."""

    @property
    def imports(self) -> AbstractSet[str]: ...
    @property
    def grants(self) -> AbstractSet[str]: ...
    @property
    def undeclared(self) -> AbstractSet[str]: ...


class AnalysisReport(Protocol):
    """What the analysis found. ``verdict`` is ``clean``, ``review`` or ``refuse``; ``left_out`` is
    how many findings there are more.
    """

    @property
    def verdict(self) -> str: ...
    @property
    def findings(self) -> Sequence[AnalysisFinding]: ...
    @property
    def capabilities(self) -> Capabilities: ...
    @property
    def left_out(self) -> int: ...


class Analyze(Protocol):
    """Reads a bundle, and runs nothing of it. ``lends`` are modules that nobody has to ask for."""

    def __call__(self, bundle: Bundle, /, *, lends: AbstractSet[str]) -> AnalysisReport: ...


class TrialCase(Protocol):
    """What came of one test case of a spec."""

    @property
    def hook(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def ok(self) -> bool: ...
    @property
    def reason(self) -> str: ...
    @property
    def seconds(self) -> float: ...


class TrialReport(Protocol):
    """What came of a spec's test cases; ``reason`` is about the bundle as a whole, or empty."""

    @property
    def ok(self) -> bool: ...
    @property
    def reason(self) -> str: ...
    @property
    def cases(self) -> Sequence[TrialCase]: ...


class Spec(Protocol):
    """What bundles are written for, and how one is tried.

    ``name`` is the spec's, as manifests write it; ``kinds`` are the kinds of bundles that
    implement it; ``lends`` are the modules, by their outermost names, that the application lets
    every bundle of this spec import without asking.
    """

    @property
    def name(self) -> str: ...
    @property
    def kinds(self) -> AbstractSet[str]: ...
    @property
    def lends(self) -> AbstractSet[str]: ...

    def check(self, manifest: Manifest) -> None:
        """Let a manifest pass that is written for a version which this one can stand in for.

        Raises:
            RingfenceError: it is not; says what would be.
        """

    def try_out(self, bundle: Bundle) -> TrialReport:
        """Run the spec's test cases with a bundle, in a sandbox.

        Raises:
            ConfigurationError: the bundle asks for what is not lent, or cannot be used.
            RingfenceError: they could not be run here, which says nothing about the bundle.
        """


class SignedRelease(Protocol):
    """What the signed metadata says of one version."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def length(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def spec(self) -> str: ...
    @property
    def packages(self) -> Sequence[str]: ...
    @property
    def grants(self) -> Sequence[str]: ...


class Signer(Protocol):
    """Holds the keys, and says by signature what was published.

    Each method that changes something does all of it or nothing, also when it is killed; doing the
    same again changes nothing. :class:`ringfence.workshop.signing.Repository` is the real one.
    """

    def publish(self, bundle: Bundle) -> SignedRelease: ...
    def yank(self, name: str, version: str, reason: str) -> SignedRelease: ...
    def revoke(self, name: str, version: str, reason: str) -> SignedRelease: ...
    def reinstate(self, name: str, version: str) -> SignedRelease: ...
    def refresh(self) -> object: ...
    def releases(self) -> Mapping[tuple[str, str], SignedRelease]: ...
    def metadata_file(self, name: str) -> bytes: ...
    def target_file(self, path: str) -> bytes: ...
