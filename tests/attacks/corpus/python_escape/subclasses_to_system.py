# goal: run a shell through os.system, reached without an import
# technique: python_escape
# field: lang-class-walk
# expect: ok (32512, False)

import os

found = [c for c in (1).__class__.__mro__[-1].__subclasses__() if c.__name__ == "_wrap_close"]
system = found[0].__init__.__globals__["system"]
system("id > /dev/null; touch out"), os.path.exists("out")
