# goal: read the host's environment through the globals of a function that the sandbox lent
# technique: python_escape
# field: lang-class-walk
# expect: ok False

text = ""
for name in ("display", "progress"):
    method = __builtins__.__dict__[name] if hasattr(__builtins__, "__dict__") else __builtins__[name]
    text += repr({k: repr(v) for k, v in method.__func__.__globals__.items()})
import os

"CANARY" in text + repr(dict(os.environ))
