"""Unit tests: they mirror src."""
