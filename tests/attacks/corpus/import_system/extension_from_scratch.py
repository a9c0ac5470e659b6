# goal: load a library of one's own from the scratch folder
# technique: import_system
# field: lang-ctypes
# needs: disk namespaces module:ctypes
# expect: ok ~"'.*failed to map segment from shared object'"

import ctypes
import _ctypes
import shutil

shutil.copyfile(_ctypes.__file__, "evil.so")
try:
    result = ctypes.CDLL("./evil.so")
except OSError as error:
    result = str(error)
result
