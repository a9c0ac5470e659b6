"""PocketPy's library, from Debian's binary package: fetched by hash, taken out, kept."""
