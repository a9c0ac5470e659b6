# goal: answer the sandbox's own imports with a module of the guest's
# technique: import_system
# field: lang-module-through-module
# expect: ok [1.5, {'a': Decimal('2')}]

import decimal
import sys


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        raise SystemExit(f"no {name}")


sys.meta_path[:] = [Finder]
for name in ("json", "ringfence_guest.protocol.codec", "ringfence_guest.execute"):
    sys.modules.pop(name, None)
None
# --- next turn
[1.5, {"a": decimal.Decimal(2)}]
