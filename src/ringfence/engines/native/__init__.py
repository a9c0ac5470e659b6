"""The native engine: the host's CPython in a kernel jail, forked from a warm zygote."""
