# goal: find in the zygote's frames how this jail is built
# technique: proc_and_identity
# expect: ok None

import sys

frame = sys._getframe()
names = []
while frame:
    names.append(frame.f_code.co_name)
    frame = frame.f_back
names[-6:]
