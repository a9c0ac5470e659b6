# goal: run code when the guest is torn down, after its result was taken
# technique: python_escape
# field: lang-class-hooks
# expect: ok 1

import atexit
import os
import weakref


class Late:
    def __del__(self):
        os.open(TARGET["secret_file"], os.O_WRONLY | os.O_TRUNC)


atexit.register(Late().__del__)
late = Late()
weakref.finalize(late, os.fork)
1
