# goal: run bytecode of random bytes
# technique: python_escape
# needs: engine=wasi
# expect: ok True alive

def f():
    return 1


f.__code__.replace(co_code=bytes(range(256)) * 4) is not f.__code__
