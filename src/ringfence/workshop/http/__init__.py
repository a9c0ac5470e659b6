"""The workshop over HTTP."""

from __future__ import annotations

from ringfence.workshop.http.application import application
from ringfence.workshop.http.rates import Rate, Rates
from ringfence.workshop.http.serving import Server

__all__ = ["Rate", "Rates", "Server", "application"]
