# goal: call a host function while no turn runs
# technique: signals
# functions: echo
# expect: ok ['RuntimeError'] alive
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no timers here: use asyncio.timeout, or let Limits(wall=…) end the turn" alive

import signal

answers = []


def ask(*_):
    try:
        answers.append(echo("x"))
    except Exception as error:
        answers.append(type(error).__name__)


signal.signal(signal.SIGALRM, ask)
signal.setitimer(signal.ITIMER_REAL, 0.02)
# --- next turn after 0.1 s
answers
