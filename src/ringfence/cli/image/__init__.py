"""``ringfence image``: build what guests start from."""
