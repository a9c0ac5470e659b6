# goal: break the loop by an awaitable that yields what it should not
# technique: async_and_waiting
# expect: error RuntimeError "Task got bad yield: 5" alive

class Evil:
    def __await__(self):
        yield 5


await Evil()
