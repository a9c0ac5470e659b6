# goal: find a secret of the host, or of a sibling, among all objects of the interpreter
# technique: python_escape
# field: lang-class-walk
# trap: 6
# limits: wall=20 cpu=20
# expect: ok []

import gc
import re

gc.unfreeze()
seen, pending, found = set(), [gc.get_objects()], set()
while pending:
    for item in gc.get_referents(pending.pop()):
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, (str, bytes)) and len(item) == 32:
            text = item if isinstance(item, str) else item.decode("latin-1")
            if re.fullmatch("[0-9a-f]{32}", text):
                found.add(text)
        elif gc.is_tracked(item):
            pending.append([item])
sorted(found)
