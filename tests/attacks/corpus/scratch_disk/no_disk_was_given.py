# goal: write where no disk was given
# technique: scratch_disk
# limits: disk=0
# field: step-huge-file
# expect: error OSError "[Errno 28] No space left on device: 'file'" alive
# expect[engine=wasi]: error OSError "[Errno 51] No space left on device: 'file'" alive
# expect[no:namespaces]: error PermissionError "[Errno 1] Operation not permitted: 'file'" alive

open("file", "w").write("x")
