"""Where plugins are published, and installed from.

See ``docs/workshop.md``, and ``docs/workshop-trust.md`` for what is signed.
"""
