# goal: unpack an archive whose names lead out
# technique: scratch_disk
# needs: disk
# field: kernel-links
# expect: error OSError "[Errno 30] Read-only file system: './../../../etc'" alive
# expect[engine=wasi]: error OSError "[Errno 69] Read-only file system: './../../../etc'" alive

import io
import tarfile

with tarfile.open("archive.tar", "w") as archive:
    member = tarfile.TarInfo("../../../etc/planted")
    member.size = 1
    archive.addfile(member, io.BytesIO(b"x"))
with tarfile.open("archive.tar") as archive:
    archive.extraction_filter = lambda member, path: member
    archive.extractall()
