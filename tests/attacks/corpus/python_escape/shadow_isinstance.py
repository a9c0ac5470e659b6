# goal: make the sandbox take an object for plain data by replacing isinstance
# technique: python_escape
# field: lang-shadowing
# expect: error AttributeError "'Cuckoo' object has no attribute 'value'"

import builtins


class Cuckoo:
    pass


builtins.isinstance = lambda *any: True
Cuckoo()
