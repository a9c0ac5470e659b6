# goal: change a builtin type, as the sandbox's own code uses it
# technique: ctypes_native
# field: lang-ctypes, lang-shadowing
# trap: 30
# needs: module:ctypes
# expect: crashed Exit dead

import ctypes
import gc

methods = gc.get_referents(bytes.__dict__)[0]
methods["join"] = None
ctypes.pythonapi.PyType_Modified(ctypes.py_object(bytes))
