"""``ringfence workshop``: run a workshop, publish to one, and install from it."""
