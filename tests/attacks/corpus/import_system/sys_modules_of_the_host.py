# goal: import the host's side of the product and drive it
# technique: import_system
# field: lang-module-through-module
# expect: ok []

import sys

hosts = ("ringfence.sandbox", "ringfence.runtime", "ringfence.model", "pydantic")
found = [name for name in hosts if name in sys.modules]
for name in hosts:
    try:
        __import__(name)
    except (ImportError, OSError):
        continue
    found.append(name)
found
