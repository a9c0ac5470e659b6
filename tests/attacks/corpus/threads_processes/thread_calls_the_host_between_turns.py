# goal: call a host function from a thread whose turn has ended
# technique: threads_processes
# needs: threads
# functions: echo
# expect: ok 'RuntimeError' alive

import threading

answers = []
ended = threading.Event()


def ask():
    try:
        while True:
            answers.append(echo("x"))
    except BaseException as error:
        answers.append(type(error).__name__)
    ended.set()


first = threading.Thread(target=ask, daemon=True)
first.start()
# --- next turn
ended.wait(5)
answers[-1] if answers[-1] != "x" else "still asking"
