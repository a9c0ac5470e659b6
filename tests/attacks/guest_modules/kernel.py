"""Raw system calls, for attacks: ``from kernel import call``. The runner puts NUMBERS in front."""

import ctypes
import errno
import mmap

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_NAMES = {**errno.errorcode, errno.EOPNOTSUPP: "EOPNOTSUPP", errno.EAGAIN: "EAGAIN"}
_kept = []


def call(name, *arguments):
    """What the kernel answers: a number, or the name of the error.

    Arguments are numbers, bytes (passed as a pointer), or ctypes objects (passed by reference);
    those that are missing are 0.
    """
    ctypes.set_errno(0)
    number = NUMBERS[name] if isinstance(name, str) else name
    padded = [*arguments, *[0] * (6 - len(arguments))]
    answer = _libc.syscall(ctypes.c_long(number), *map(_argument, padded))
    return answer if answer != -1 else _NAMES[ctypes.get_errno()]


def _argument(value):
    if isinstance(value, int):
        return ctypes.c_long(value)
    if isinstance(value, bytes):
        buffer = ctypes.create_string_buffer(value)
        _kept.append(buffer)
        return buffer
    return ctypes.byref(value)


def execute(code):
    """Run machine code that returns a number; gives a number, or the name of the error."""
    page = mmap.mmap(
        -1,
        mmap.PAGESIZE,
        flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS,
        prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC,
    )
    page.write(code)
    _kept.append(page)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    answer = ctypes.CFUNCTYPE(ctypes.c_long)(address)()
    return _NAMES.get(-answer, answer) if answer < 0 else answer
