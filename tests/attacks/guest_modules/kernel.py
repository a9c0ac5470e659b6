"""Raw system calls, for attacks: ``from kernel import call``. The runner puts NUMBERS in front."""

# needs: module:ctypes
import ctypes
import errno

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
    page = call("mmap", 0, 4096, 7, 0x22, -1, 0)  # may be written and executed; private, anonymous
    ctypes.memmove(page, code, len(code))
    answer = ctypes.CFUNCTYPE(ctypes.c_long)(page)()
    return _NAMES.get(-answer, answer) if answer < 0 else answer
