# goal: learn where the product is installed from its compiled code
# technique: proc_and_identity
# expect: ok None

import sys

frame = sys._getframe()
found = set()
while frame:
    found.add(frame.f_code.co_filename.rpartition("/")[0])
    frame = frame.f_back
sorted(folder for folder in found if not folder.startswith("/ringfence"))
