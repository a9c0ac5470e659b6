# goal: reach the sandbox's own modules from the traceback of an error that they raised
# technique: frames_and_tracebacks
# field: lang-frames, lang-exception-objects
# trap: 30
# functions: echo
# expect: ok ('EPERM', True)

import os

from attempt import attempt

try:
    echo(lambda: 0, *range(100))
except TypeError as error:
    frame = error.__traceback__.tb_next.tb_frame
(attempt(os.fork), "Link" in frame.f_globals)
