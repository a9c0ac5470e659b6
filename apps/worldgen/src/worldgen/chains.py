"""Chains: the plugins of a world, in order, each pinned to one version and its bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ringfence.plugins.manifest import is_plugin_name, is_version
from worldgen.errors import WorldRefused

__all__ = ["LONGEST_CHAIN", "Chain", "Link", "Settings", "chain_key", "check_chain", "key_of"]

LONGEST_CHAIN = 12
"""Plugins of a world."""

_MOST_PARAMETERS = 64
_LARGEST_SEED = (1 << 53) - 1  # the same number in a page


@dataclass(frozen=True, slots=True)
class Link:
    """One plugin of a chain.

    Attributes:
        name, version: which.
        sha256: of its bundle, in hexadecimal: what is run has these bytes, or is not run.
        parameters: what was set; the others have their defaults.
    """

    name: str
    version: str
    sha256: str
    parameters: Mapping[str, float | bool | str] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def plain(self) -> dict[str, Any]:
        """It as JSON has it."""
        return {
            "name": self.name,
            "version": self.version,
            "sha256": self.sha256,
            "parameters": dict(self.parameters),
        }

    @classmethod
    def of_plain(cls, value: object) -> Link:
        """What :meth:`plain` made, checked for form.

        Raises:
            WorldRefused: it is none.
        """
        if not isinstance(value, dict) or value.keys() != {
            "name",
            "version",
            "sha256",
            "parameters",
        }:
            raise WorldRefused("a link of a chain has name, version, sha256 and parameters")
        name, version, sha256 = value["name"], value["version"], value["sha256"]
        parameters = value["parameters"]
        if not (isinstance(name, str) and is_plugin_name(name)):
            raise WorldRefused("name: that of a plugin was expected")
        if not (isinstance(version, str) and is_version(version)):
            raise WorldRefused(f"{name}: version: three numbers were expected, as 1.2.0")
        if not (isinstance(sha256, str) and len(sha256) == 64 and set(sha256) <= set(_HEX)):
            raise WorldRefused(f"{name}: sha256: 64 hexadecimal digits were expected")
        if not isinstance(parameters, dict) or len(parameters) > _MOST_PARAMETERS:
            raise WorldRefused(f"{name}: parameters: names and values were expected")
        for key, one in parameters.items():
            if not (isinstance(key, str) and isinstance(one, bool | int | float | str)):
                raise WorldRefused(f"{name}: parameters: names and single values were expected")
        return cls(name, version, sha256, MappingProxyType(dict(parameters)))


_HEX = "0123456789abcdef"

Chain = tuple[Link, ...]


def check_chain(links: Iterable[Link]) -> Chain:
    """A chain of these.

    Raises:
        WorldRefused: there are too many, or one plugin twice.
    """
    chain = tuple(links)
    if len(chain) > LONGEST_CHAIN:
        raise WorldRefused(
            f"a world has {LONGEST_CHAIN} plugins at most, and this has {len(chain)}"
        )
    names = [link.name for link in chain]
    for name in names:
        if names.count(name) > 1:
            raise WorldRefused(f"{name} is in the chain twice; a plugin has one place in a world")
    return chain


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person sets of a world beside its plugins.

    Attributes:
        seed: every plugin is given it; 0 to 2**53 - 1.
        sea_level: metres by which the sea is higher than usual, -2000 to 2000.
        relief: how strongly hills are shaded, 0 to 3.

    Raises:
        WorldRefused: a value is not what it should be.
    """

    seed: int = 0
    sea_level: float = 0.0
    relief: float = 1.0

    def __post_init__(self) -> None:
        if type(self.seed) is not int or not 0 <= self.seed <= _LARGEST_SEED:
            raise WorldRefused(f"seed: a whole number from 0 to {_LARGEST_SEED} was expected")
        for name, low, high in (("sea_level", -2000.0, 2000.0), ("relief", 0.0, 3.0)):
            value = getattr(self, name)
            if type(value) not in {int, float} or not low <= value <= high:
                raise WorldRefused(f"{name}: a number from {low:g} to {high:g} was expected")

    def plain(self) -> dict[str, Any]:
        """It as JSON has it."""
        return {
            "seed": self.seed,
            "sea_level": float(self.sea_level),
            "relief": float(self.relief),
        }


def chain_key(chain: Chain) -> str:
    """Names a chain: plugins with their bytes, parameters and order. Hexadecimal, 32 characters."""
    return _digest([link.plain() for link in chain])


def key_of(settings: Settings, chain: Chain, drawing: int) -> str:
    """Names what tiles look like: settings, chain, and the version of the drawing. Hexadecimal, 32
    characters.
    """
    return _digest([settings.plain(), chain_key(chain), drawing])


def _digest(said: object) -> str:
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
