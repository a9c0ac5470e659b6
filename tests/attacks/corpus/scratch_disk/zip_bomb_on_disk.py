# goal: unpack an archive that is larger than the scratch folder
# technique: scratch_disk
# limits: disk=4MiB
# needs: disk
# expect: error OSError '[Errno 28] No space left on device' alive
# expect[engine=wasi]: error OSError "[Errno 51] No space left on device" alive

import zipfile

with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("zeros", bytes(64 << 20))
zipfile.ZipFile("bomb.zip").extractall("out")
