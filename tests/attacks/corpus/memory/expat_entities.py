# goal: expand entities a billion times
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive

import xml.etree.ElementTree as tree

entities = "".join(
    f"<!ENTITY e{n} '{f'&e{n - 1};' * 10 if n else 'ha'}'>" for n in range(11)
)
document = f"<!DOCTYPE x [{entities}]><x>&e10;</x>"
len(tree.fromstring(document).text)
