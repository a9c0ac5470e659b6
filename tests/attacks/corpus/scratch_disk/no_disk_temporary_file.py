# goal: have tempfile find another folder where no disk was given
# technique: scratch_disk
# limits: disk=0
# expect: error FileNotFoundError "[Errno 2] No usable temporary directory found in ['/box/tmp', '/tmp', '/var/tmp', '/usr/tmp', '/box/tmp']" alive
# expect[engine=wasi]: error FileNotFoundError "[Errno 44] No usable temporary directory found in ['/box/tmp', '/tmp', '/var/tmp', '/usr/tmp', '/box/tmp']" alive
# expect[no:namespaces]: error FileNotFoundError "[Errno 2] No usable temporary directory found in ['/', '/tmp', '/var/tmp', '/usr/tmp', '/']" alive

import tempfile

tempfile.TemporaryFile().write(b"x")
