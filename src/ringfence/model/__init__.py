"""Plain data of the public API; no I/O, nothing but the standard library."""

from ringfence.model.kept_displays import KeptDisplays
from ringfence.model.limits import Limits
from ringfence.model.policy import FULL_WALLS, Policy, WallSet
from ringfence.model.result import GuestErrorInfo, Result, Status
from ringfence.model.usage import Usage
from ringfence.model.wheel import Package, Wheel
from ringfence_guest.protocol.report import Display, Output, Progress

__all__ = [
    "FULL_WALLS",
    "Display",
    "GuestErrorInfo",
    "KeptDisplays",
    "Limits",
    "Output",
    "Package",
    "Policy",
    "Progress",
    "Result",
    "Status",
    "Usage",
    "WallSet",
    "Wheel",
]
