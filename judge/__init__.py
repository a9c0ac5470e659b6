"""CPython's own test suite as an outside judge of the engines: ``python -m judge``."""
