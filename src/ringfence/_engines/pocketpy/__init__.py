"""PocketPy in the kernel jail: an evaluator for scripts that were written for it."""
