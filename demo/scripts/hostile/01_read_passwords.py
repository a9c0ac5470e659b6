# tries: read the machine's user list
# stands: files
# expect: error FileNotFoundError
open("/etc/passwd").read()
