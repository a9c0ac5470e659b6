# goal: have the host rebuild an object by its __reduce__
# technique: host_functions
# field: host-unpickle
# functions: echo
# expect: error TypeError "echo(): args.value: expected str, got an object of type 'Evil' that cannot cross"

import os


class Evil:
    def __reduce_ex__(self, protocol):
        return os.system, ("id",)

    def __getstate__(self):
        return "x"


echo(Evil())
