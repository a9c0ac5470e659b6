"""Unit tests of ringfence_guest.protocol."""
