"""Other machines for a test: programs `ssh` and `scp` that take a folder of this one for a host.

What ssh "runs" on the host is another process of this machine, whose input ends when ssh does, and which
needs no tunnel. The host's home is its folder in the one that DCALC_TEST_HOSTS names, if that is set. ssh
says in the file DCALC_TEST_SSH_LOG, if that is set, what it was asked for. The host `nowhere` is not there,
and `tardy` lets nobody in before that file has one beside it that ends in `.open`.
"""

import os
import sys

SSH = f"""#!{sys.executable}
import os, subprocess, sys, time
if log := os.environ.get("DCALC_TEST_SSH_LOG"):
    with open(log, "a") as file:
        print(*sys.argv[1:], file=file)
host, command = sys.argv[sys.argv.index("--") + 1:]
_, remote, _, port = sys.argv[sys.argv.index("-R") + 1].split(":")
command = command.replace(f"tcp://127.0.0.1:{{remote}}", f"tcp://127.0.0.1:{{port}}")
if host == "nowhere":
    sys.exit("ssh: Could not resolve hostname nowhere: Name or service not known")
while host == "tardy" and not os.path.exists(log + ".open"):
    time.sleep(0.05)
hosts = os.environ.get("DCALC_TEST_HOSTS")
home = os.path.join(hosts, host) if hosts else None
sys.exit(subprocess.Popen(["sh", "-c", command], stdin=subprocess.PIPE, cwd=home).wait())
"""

SCP = """#!/bin/sh
set -eu
mkdir -p "$DCALC_TEST_HOSTS/${2%%:*}"
cp "$1" "$DCALC_TEST_HOSTS/${2%%:*}/${2#*:}"
"""


def install(folder):
    """Write both programs into a folder."""
    for name, text in ("ssh", SSH), ("scp", SCP):
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o755)
