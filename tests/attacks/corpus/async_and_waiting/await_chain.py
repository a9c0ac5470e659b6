# goal: overflow the stack by a chain of a hundred thousand coroutines
# technique: async_and_waiting
# field: step-c-recursion
# expect: error RecursionError ~"maximum recursion depth exceeded.*"

async def deep():
    await deep()


await deep()
