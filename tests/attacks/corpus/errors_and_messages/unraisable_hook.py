# goal: run code when an error cannot be raised
# technique: errors_and_messages
# field: lang-audit-hooks
# expect: ok 1 alive

import sys


class Evil:
    def __del__(self):
        raise SystemExit(9)


Evil()
1
