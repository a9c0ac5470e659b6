# goal: recurse through __hash__
# technique: c_recursion
# needs: engine=wasi
# field: step-c-recursion
# expect: error RecursionError "maximum recursion depth exceeded" alive

class Key:
    def __hash__(self):
        return hash(frozenset([Key()]))


hash(Key())
