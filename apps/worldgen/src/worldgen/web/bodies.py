"""What may be sent to the API: checked for form here, and for meaning where it is used."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "ChainBody",
    "DecisionBody",
    "LinkBody",
    "RevisionBody",
    "SettingsBody",
    "SettingsChange",
    "SourceBody",
    "WithdrawalBody",
    "WorldBody",
]

Text = Annotated[str, Field(max_length=2_000)]
Short = Annotated[str, Field(max_length=100)]
Value = bool | int | float | Annotated[str, Field(max_length=2_000)]


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class SettingsBody(_Body):
    """Seed, level of the sea in metres, strength of hill shading."""

    seed: int = 0
    sea_level: float = 0.0
    relief: float = 1.0


class LinkBody(_Body):
    """A plugin of a chain; without a version the newest."""

    name: Short
    version: Short = ""
    parameters: Annotated[dict[Short, Value], Field(max_length=64)] = Field(default_factory=dict)


class WorldBody(_Body):
    """A new world."""

    name: Short
    settings: SettingsBody = Field(default_factory=SettingsBody)
    chain: Annotated[list[LinkBody], Field(max_length=12)] = Field(default_factory=list)


class SettingsChange(_Body):
    """What is changed of a world."""

    name: Short
    settings: SettingsBody


class ChainBody(_Body):
    """A chain to look at, for the revision of the world that somebody saw."""

    chain: Annotated[list[LinkBody], Field(max_length=12)]
    revision: int


class RevisionBody(_Body):
    """The revision of the world that somebody saw."""

    revision: int


class SourceBody(_Body):
    """The files of a plugin, by name."""

    files: Annotated[dict[Annotated[str, Field(max_length=300)], str], Field(max_length=500)]


class DecisionBody(_Body):
    """Publish what is in review, or refuse it."""

    publish: bool
    reason: Text = ""


class WithdrawalBody(_Body):
    """Yank or revoke."""

    revoke: bool
    reason: Text = ""
