# goal: overflow the C stack of the XML parser
# technique: c_recursion
# field: step-c-recursion
# limits: wall=5
# expect: error RecursionError "maximum recursion depth exceeded"

import xml.etree.ElementTree as ET

root = ET.fromstring("<a>" * 100_000 + "</a>" * 100_000)
copy = ET.tostring(root)
len(copy)
