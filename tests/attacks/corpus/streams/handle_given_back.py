# goal: give the host a stream of its own as a value
# technique: streams
# field: host-forged-frame
# expect: crashed Protocol "the guest broke the protocol: a stream where none may be"

from ringfence_guest.protocol.values import StreamHandle

StreamHandle(0, "read")
