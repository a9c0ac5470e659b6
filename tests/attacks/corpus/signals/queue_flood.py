# goal: fill the queue of signals that the kernel keeps for a user
# technique: signals
# expect: ok ['0', 'EAGAIN'] alive

import os
import signal

from kernel import call

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN})
answers = {call("tgkill", os.getpid(), call("gettid"), signal.SIGRTMIN) for _ in range(1000)}
sorted(map(str, answers))
