"""The tests of Ringfence."""
