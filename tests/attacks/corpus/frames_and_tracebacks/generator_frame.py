# goal: climb out of a function through the frame of a generator
# technique: frames_and_tracebacks
# field: lang-frames
# expect: ok 'EPERM'

from attempt import attempt


def climb():
    frame = generator.gi_frame
    while frame.f_back is not None:
        frame = frame.f_back
    yield frame


generator = climb()
top = next(generator)
attempt(top.f_builtins["__import__"]("os").fork)
