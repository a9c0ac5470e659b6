"""The checks that annotations turn into: pure functions from a value to the value that was meant.

- :mod:`.check`        what a check is, how a mismatch says where, bounded descriptions of values
- :mod:`.plain`        numbers, text, dates, enumerations, literals
- :mod:`.containers`   list, tuple, set, dict
- :mod:`.unions`       one of several, without guessing twice
- :mod:`.constraints`  what ``Annotated`` adds: bounds and lengths
- :mod:`.declared`     the host's own classes, built from mappings of their fields
- :mod:`.fields`       which fields those classes have
- :mod:`.arrays`       NumPy arrays and scalars

No pydantic is imported here: a class of the host that is a pydantic model has imported it already,
and a function that only takes numbers and text must not pay for it.
"""
