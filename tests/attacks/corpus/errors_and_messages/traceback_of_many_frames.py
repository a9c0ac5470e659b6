# goal: make the traceback very long
# technique: errors_and_messages
# field: lang-frames
# expect: error RecursionError ~"maximum recursion depth exceeded.*"

def a(n):
    return b(n + 1)


def b(n):
    return a(n + 1)


a(0)
