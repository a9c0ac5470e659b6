# goal: talk to the host's port through a high-level library
# technique: import_system
# field: lang-module-through-module
# expect[only:seccomp]: error ModuleNotFoundError ~".*"
# expect: ok 'EPERM'

import errno
import urllib.error
import urllib.request

try:
    result = urllib.request.urlopen(f"http://127.0.0.1:{TARGET['port']}/").read()
except urllib.error.URLError as error:
    result = errno.errorcode[error.reason.errno]
result
