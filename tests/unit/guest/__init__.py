"""Unit tests of ringfence_guest: what runs inside."""
