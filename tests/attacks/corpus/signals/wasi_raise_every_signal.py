# goal: raise every signal that there is
# technique: signals
# needs: engine=wasi
# expect: crashed Trap dead

import signal

for number in range(1, 65):
    try:
        signal.raise_signal(number)
    except (OSError, ValueError, KeyboardInterrupt):
        pass
