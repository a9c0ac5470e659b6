"""The native engine: the host's own CPython, in a kernel jail of its own for each guest.

The entry point ``ringfence.engines`` leads to
:class:`ringfence._engines.native.engine.NativeEngine`.
"""
