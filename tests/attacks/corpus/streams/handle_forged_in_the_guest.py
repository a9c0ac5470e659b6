# goal: make a stream of one's own with the guest's own code
# technique: streams
# field: host-forged-id
# expect: crashed Protocol "the guest broke the protocol: a stream that is not open"

from ringfence_guest.streams import open_stream

open_stream(progress.__self__.link, 0, "read").read(1)
