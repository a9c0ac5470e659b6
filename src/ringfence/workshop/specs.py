"""Specs of hooks as what a workshop tries plugins against."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ringfence.workshop.ports import Spec, TrialReport

if TYPE_CHECKING:
    from ringfence.plugins import Bundle, HookSpec, Manifest

__all__ = ["HookTrial", "as_specs"]


class HookTrial:
    """A hook spec, and how a plugin is tried against its test cases.

    Args:
        hooks: the class of the spec, a :class:`ringfence.plugins.HookSpec`.
        kinds: the kinds of bundles that implement it.
        options: for :func:`ringfence.plugins.try_out`: ``engine``, ``limits``, …
    """

    def __init__(
        self, hooks: type[HookSpec], *, kinds: Iterable[str] = ("plugin",), **options: Any
    ) -> None:
        self._hooks = hooks
        self.kinds = frozenset(kinds)
        self.lends: frozenset[str] = frozenset()
        self._options = options

    @property
    def name(self) -> str:
        """The spec's, as manifests write it."""
        return self._hooks.spec_name

    def check(self, manifest: Manifest) -> None:
        """Let a manifest pass that is written for a version which this one can stand in for.

        Raises:
            RingfenceError: it is not.
        """
        from ringfence import plugins

        plugins.check_compatible(manifest, self._hooks)

    def try_out(self, bundle: Bundle) -> TrialReport:
        """Run the spec's test cases with a bundle, in a sandbox.

        Raises:
            ConfigurationError: the plugin asks for what is not lent.
            RingfenceError: they could not be run here.
        """
        from ringfence import plugins

        report: TrialReport = plugins.try_out(bundle, self._hooks, **self._options)
        return report


def as_specs(specs: Iterable[Any]) -> tuple[Spec, ...]:
    """Specs of either kind: classes of hooks are wrapped."""
    return tuple(HookTrial(one) if isinstance(one, type) else one for one in specs)
