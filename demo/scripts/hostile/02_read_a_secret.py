# tries: read a file that every user of this machine may read
# stands: files
# expect: error FileNotFoundError
open(TARGET["secret_file"]).read()
