# goal: read the capabilities that are left
# technique: proc_and_identity
# expect: ok (0, 0, 0) alive

import ctypes
import struct

from kernel import call

data = ctypes.create_string_buffer(24)
answer = call("capget", b"\x22\x05\x08\x20\0\0\0\0", data)
struct.unpack("6I", data.raw)[:3] if answer == 0 else answer
