# goal: copy a file with sendfile, past what writes count
# technique: scratch_disk
# limits: disk=4MiB
# needs: disk
# expect: error OSError '[Errno 28] No space left on device' alive
# expect[engine=wasi]: error AttributeError "module 'os' has no attribute 'sendfile'" alive

import os

first = os.open("first", os.O_RDWR | os.O_CREAT)
os.write(first, bytes(3 << 20))
second = os.open("second", os.O_RDWR | os.O_CREAT)
done = 0
while done < 3 << 20:
    done += os.sendfile(second, first, done, (3 << 20) - done)
done
