# goal: walk the whole tree for files that are not the interpreter's
# technique: filesystem
# expect: ok [] alive

import os

found = []
for root, folders, files in os.walk("/"):
    found += [os.path.join(root, name) for name in files]
[name for name in found if "canary" in name or "passwd" in name]
