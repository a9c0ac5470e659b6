# goal: have the time zone read a file
# technique: filesystem
# expect: error ValueError 'ZoneInfo keys must refer to subdirectories of TZPATH, got: ../../../../etc/passwd' alive

import zoneinfo

zoneinfo.ZoneInfo("../../../../etc/passwd")
