"""``ringfence bench``: what a sandbox costs on this machine, beside its peers."""
