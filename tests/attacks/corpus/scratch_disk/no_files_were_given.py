# goal: write where no file was given
# technique: scratch_disk
# limits: files=0
# expect: error OSError "[Errno 28] No space left on device: 'file'" alive
# expect[engine=wasi]: error OSError "[Errno 51] No space left on device: 'file'" alive
# expect[no:namespaces]: error PermissionError "[Errno 1] Operation not permitted: 'file'" alive

open("file", "w").write("x")
