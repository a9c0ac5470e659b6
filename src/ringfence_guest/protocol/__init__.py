"""The protocol between host and guest: defined once, decoded in one place, without any I/O.

- :mod:`.values`    what may cross, and how big
- :mod:`.codec`     value <-> bytes, with budgets on hostile input
- :mod:`.framing`   frames <-> byte stream, with budgets on hostile input
- :mod:`.messages`  the vocabulary: requests and events, each checked when it is read
- :mod:`.turn`      the state machine of one request, from its frame to its final event

It imports nothing of Ringfence's, so that host, guest and tests share it.
"""
