# goal: read a host file through an external entity
# technique: regex_and_parsers
# field: lang-module-through-module
# expect: ok None

import xml.etree.ElementTree as ET

ET.fromstring(f'<!DOCTYPE a [<!ENTITY e SYSTEM "file://{TARGET["secret_file"]}">]><a/>').text
