# goal: start gcc and ldconfig through ctypes.util
# technique: import_system
# field: lang-module-through-module
# needs: disk module:ctypes
# expect: ok None

import ctypes.util

ctypes.util.find_library("no-such-library-anywhere")
