"""The protocol between host and guest: defined once, decoded in one place, without any I/O.

- :mod:`.values`    what may cross, and how big
- :mod:`.codec`     value <-> bytes, with budgets on hostile input (:mod:`.encoder`,
  :mod:`.decoder`, :mod:`.plain`, :mod:`.arrays`, :mod:`.hashing`, :mod:`.wire`,
  :mod:`.json_text`)
- :mod:`.framing`   frames <-> byte stream, with budgets on hostile input; :mod:`.lost_frames` are
  those for which a guest has no memory
- :mod:`.messages`  the vocabulary: requests and events, each checked when it is read, and
  :mod:`.payloads`  what their bodies must be
- :mod:`.turn`      the state machine of one request, from its frame to its final event; beside it
  what it counts (:mod:`.budget`, :mod:`.clock`, :mod:`.calls`, :mod:`.lent_streams`,
  :mod:`.transcript`), how it stops a guest (:mod:`.stopping`), what it tells (:mod:`.report`)

It imports nothing of Ringfence's, so that host, guest and tests share it.
"""
