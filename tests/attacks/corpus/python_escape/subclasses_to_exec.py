# goal: become another program through posix.execv, found in a module's globals
# technique: python_escape
# field: lang-class-walk
# expect: crashed SIGSYS
# expect[engine=wasi]: error PermissionError "[Errno 63] there are no other processes here: call Python in this one, or lend a host function that does what is needed"

found = [c for c in [].__class__.__base__.__subclasses__() if c.__name__ == "_wrap_close"]
found[0].__init__.__globals__["execv"]("/bin/sh", ["sh", "-c", "id"])
