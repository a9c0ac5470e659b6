# goal: throw exceptions inside the sandbox's own code with a profile function
# technique: python_escape
# field: lang-audit-hooks
# expect: error RuntimeError "boo"

import sys


def profile(frame, event, argument):
    if "ringfence_guest" in frame.f_code.co_filename:
        raise RuntimeError("boo")


sys.setprofile(profile)
1
