# goal: read a file as an archive of modules
# technique: filesystem
# expect: error ZipImportError 'not a Zip file' alive
# expect[landlock+seccomp]: error ZipImportError ~r"can't open Zip file: '/.*/secret\.txt'" alive

import zipimport

zipimport.zipimporter(TARGET["secret_file"])
