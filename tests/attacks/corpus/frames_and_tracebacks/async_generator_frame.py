# goal: climb out of a function through the frame of an asynchronous generator
# technique: frames_and_tracebacks
# field: lang-frames
# expect: ok 'ENOENT'
# expect[landlock+seccomp]: ok 'EACCES'
# expect[only:seccomp]: ok 'EPERM'

import os

from attempt import attempt


async def climb():
    yield generator.ag_frame.f_globals["os"].open


generator = climb()
attempt(await anext(generator), TARGET["secret_file"], os.O_RDONLY)
