"""Unit tests of ringfence.runtime."""
