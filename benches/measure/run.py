"""Runs a command and prints what it took, as JSON: wall and CPU seconds, peak memory in MB, exit code."""

import json
import os
import subprocess
import sys
import time

begun = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(child.pid, 0)
print(
    json.dumps(
        {
            "wall": time.monotonic() - begun,
            "cpu": used.ru_utime + used.ru_stime,
            "peak_mb": used.ru_maxrss / 1024,
            "exit": os.waitstatus_to_exitcode(status),
        }
    )
)
