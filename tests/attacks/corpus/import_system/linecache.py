# goal: read a host file through a library that swallows errors
# technique: import_system
# field: lang-module-through-module
# expect: ok []

import linecache

linecache.getlines(TARGET["secret_file"])
