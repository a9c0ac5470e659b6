"""Unit tests of ringfence.cli."""
