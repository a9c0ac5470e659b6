# goal: start a process through a class found by walking the classes of the interpreter
# technique: python_escape
# field: lang-class-walk
# expect: ok 'EPERM'

from attempt import attempt

found = [c for c in ().__class__.__base__.__subclasses__() if c.__name__ == "_wrap_close"]
attempt(found[0].__init__.__globals__["fork"])
