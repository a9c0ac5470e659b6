# goal: climb out of a function through the frame of a coroutine
# technique: frames_and_tracebacks
# field: lang-frames
# expect: ok 'EPERM'

import os

from attempt import attempt


async def climb():
    return attempt(coroutine.cr_frame.f_builtins["__import__"]("os").fork)


coroutine = climb()
await coroutine
