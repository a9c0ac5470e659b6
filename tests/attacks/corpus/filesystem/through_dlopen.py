# goal: have the loader load a file of one's own
# technique: filesystem
# needs: disk module:ctypes
# expect: error OSError './library.so: failed to map segment from shared object' alive

import _ctypes
import ctypes

with open(_ctypes.__file__, "rb") as source, open("library.so", "wb") as target:
    target.write(source.read())
ctypes.CDLL("./library.so")
