# goal: load a program into the kernel through a socket
# technique: network_ipc
# field: kernel-bpf
# needs: module:ctypes
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import ctypes
import socket
import struct

here, there = socket.socketpair()
program = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
here.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HxxxxxxQ", 1, ctypes.addressof(program)))
