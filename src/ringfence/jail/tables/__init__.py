"""Generated data: one module per machine, named as ``platform.machine()`` names it.

Use ``ringfence.jail.syscalls``, which says what the names mean.
"""
