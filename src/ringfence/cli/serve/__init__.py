"""``ringfence serve``."""
