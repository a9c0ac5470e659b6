"""The plugins that an operator publishes here, each in a host of its own.

All tenants share a plugin's host: each call has a guest of its own, from the plugin's source, so
nothing of one is there for another. What a host remembers of calls is how they failed, and here it
makes no use of that: no plugin is quarantined. Quarantine protects a program from plugins that its
user chose. Here a tenant chooses the arguments: it could take a plugin away from all others, and
the reason that they would be told has its arguments in it. What calls that hang may cost is bounded
without: they wait for their places, and are charged to who makes them.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringfence.errors import BundleRefused, ConfigurationError
from ringfence.model import Limits, Policy
from ringfence.model.limits import LIMIT_NAMES
from ringfence.server.problems import Problem

if TYPE_CHECKING:
    from ringfence.plugins import Bundle, HookSpec, PluginHost
    from ringfence.plugins.hookspec import Hook
    from ringfence.server.settings import Settings

__all__ = ["Published", "PublishedPlugin"]


_NEVER = sys.maxsize


@dataclass(frozen=True, slots=True)
class PublishedPlugin:
    """A plugin that can be called.

    Attributes:
        bundle: its files.
        host: which calls it, and it alone.
    """

    bundle: Bundle
    host: PluginHost

    @property
    def hooks(self) -> Mapping[str, Hook]:
        """What its spec has; whether the plugin implements each is known once it was loaded."""
        return self.host.spec.hooks


class Published:
    """What is published.

    Args:
        plugins: by name.
    """

    def __init__(self, plugins: Mapping[str, PublishedPlugin]) -> None:
        self._plugins = dict(plugins)

    @classmethod
    def of(cls, settings: Settings) -> Published:
        """What the settings name, checked: nothing of a plugin has run yet.

        Raises:
            ConfigurationError: one is no plugin, is written for no spec that is named, asks for
                what is not lent here, or its text is refused by the analysis.
        """
        if not settings.plugins:
            return cls({})
        from ringfence.plugins import PluginHost, QuarantineRule

        specs = _specs(settings.plugin_specs)
        found: dict[str, PublishedPlugin] = {}
        for place in settings.plugins:
            bundle = _bundle(place)
            name, wanted = bundle.manifest.name, bundle.manifest.spec
            spec = specs.get(wanted.name)
            if spec is None:
                raise ConfigurationError(
                    f"RINGFENCE_PLUGINS: {name} is for {wanted.name}, and RINGFENCE_PLUGIN_SPECS "
                    f"names {', '.join(specs) or 'no spec'}"
                )
            if name in found:
                raise ConfigurationError(f"RINGFENCE_PLUGINS: {name} is there twice")
            host = PluginHost(
                spec,
                [bundle],
                engine=settings.engine,
                packages=(*settings.default_packages, *settings.packages),
                limits=_call_limits(settings.limits),
                policy=Policy(isolation=settings.isolation),
                quarantine=QuarantineRule(failures=_NEVER, hangs=_NEVER),
                workers=1,
            )
            found[name] = PublishedPlugin(bundle, host)
        return cls(found)

    def __iter__(self) -> Any:
        return iter(self._plugins.items())

    def get(self, plugin: str, hook: str) -> PublishedPlugin:
        """A plugin that could have a hook.

        Raises:
            Problem: ``unknown``.
        """
        found = self._plugins.get(plugin)
        if found is None:
            raise Problem("unknown", "there is no plugin of this name; GET /v1/plugins lists them")
        if hook not in found.hooks:
            raise Problem(
                "unknown", f"{found.host.spec.spec_name} has the hooks {', '.join(found.hooks)}"
            )
        return found

    def close(self) -> None:
        """End their guests."""
        for one in self._plugins.values():
            one.host.close()


def _call_limits(ceiling: Limits) -> Limits:
    """What bounds a call: the limits of plugins, where the operator's are no narrower."""
    from ringfence.plugins.host import CALL_LIMITS

    narrower = {}
    for name in LIMIT_NAMES:
        most, own = getattr(ceiling, name), getattr(CALL_LIMITS, name)
        if most is not None and (own is None or most < own):
            narrower[name] = most
    return CALL_LIMITS.replace(**narrower)


def _specs(names: Sequence[str]) -> dict[str, type[HookSpec]]:
    from ringfence.plugins import HookSpec

    found: dict[str, type[HookSpec]] = {}
    for name in names:
        spec = _import(name)
        if not (isinstance(spec, type) and issubclass(spec, HookSpec) and spec.hooks):
            raise ConfigurationError(f"RINGFENCE_PLUGIN_SPECS: {name} is no HookSpec with hooks")
        found[spec.spec_name] = spec
    return found


def _import(name: str) -> Any:
    module, colon, attribute = name.partition(":")
    if not colon or not module or not attribute:
        raise ConfigurationError(f"RINGFENCE_PLUGIN_SPECS: {name}: write module:Class")
    sys.path.insert(0, str(Path.cwd()))  # the operator's own modules, as `python -m` has them
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"RINGFENCE_PLUGIN_SPECS: {name} cannot be imported: {error}"
        ) from error
    finally:
        sys.path.pop(0)


def _bundle(place: str) -> Bundle:
    from ringfence.plugins import Bundle
    from ringfence.plugins.analysis import analyze

    path = Path(place)
    try:
        bundle = Bundle.of_folder(path) if path.is_dir() else Bundle.unpack(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"RINGFENCE_PLUGINS: {place} cannot be read: {error}") from error
    except BundleRefused as error:
        raise ConfigurationError(f"RINGFENCE_PLUGINS: {place} is no plugin: {error}") from error
    report = analyze(bundle)
    if report.verdict == "refuse":
        raise ConfigurationError(
            f"RINGFENCE_PLUGINS: {place}: its text is refused; see: ringfence analyze {place}"
        )
    return bundle
