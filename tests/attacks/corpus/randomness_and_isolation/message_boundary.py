# goal: know the boundary of another guest's messages
# technique: randomness_and_isolation
# needs: no:only:seccomp
# twice: differ
# trap: 1
# expect: ok ~r"'.*'" alive

import email.mime.multipart

message = email.mime.multipart.MIMEMultipart()
message.as_string()
message.get_boundary()
