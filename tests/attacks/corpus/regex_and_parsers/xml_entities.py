# goal: take gigabytes by entities within entities
# technique: regex_and_parsers
# field: step-string-repeat
# limits: memory=64MiB
# expect: error ParseError ~"limit on input amplification factor .*"

import xml.etree.ElementTree as ET

entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
ET.fromstring(f'<!DOCTYPE a [<!ENTITY e0 "{"x" * 100}">{entities}]><a>&e12;</a>').text
