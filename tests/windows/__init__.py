"""Tests that a Python for Windows runs: see ``tests/levels/test_windows.py``."""
