"""Witnesses: hostile guests, started as any guest is, and what was seen of each.

A *probe* says what must not happen (or must), runs it through :func:`ringfence.run` or
:class:`ringfence.Sandbox`, and gives *evidence*. It knows no engine: what stands, and what stands
for what, comes from ``Result.walls``, ``Result.enforced`` and ``Capabilities``. Every hostile
program ends by itself within seconds, so that a limit that does not hold is seen and not suffered.
"""
