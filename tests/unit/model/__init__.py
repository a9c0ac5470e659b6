"""Unit tests of ringfence.model."""
