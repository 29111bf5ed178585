"""Memory while an endless input flows: 100,000,000 lines through a pipe.

    bench_memory.py [LINES]

Prints the peak resident memory of broker and client, and the rate. DCALC_BIN names the folder of
the programs.
"""

import os
import subprocess
import sys
import tempfile
import time

BIN = os.environ.get("DCALC_BIN", os.path.join(os.getcwd(), "build/release"))
LINES = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000_000


def peak_mib(pid):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0


def main():
    with tempfile.TemporaryDirectory(prefix="dcalc-bench-") as folder:
        frontend, backend = f"ipc://{folder}/clients", f"ipc://{folder}/workers"
        quiet = ["--log-level", "error"]
        broker = subprocess.Popen([os.path.join(BIN, "dcalc-broker"), "--frontend", frontend,
                                   "--backend", backend, "--data", "none", *quiet])
        worker = subprocess.Popen([os.path.join(BIN, "dcalc-worker"), "--backend", backend,
                                   "--slots", "2", *quiet])
        started = time.monotonic()
        source = subprocess.Popen(["seq", str(LINES)], stdout=subprocess.PIPE)
        client = subprocess.Popen([os.path.join(BIN, "dcalc-client"), "-q", "-b", frontend],
                                  stdin=source.stdout, stdout=subprocess.PIPE)
        counter = subprocess.Popen(["wc", "-l"], stdin=client.stdout, stdout=subprocess.PIPE)
        source.stdout.close()
        client.stdout.close()
        client_mib = 0
        while client.poll() is None:
            client_mib = max(client_mib, peak_mib(client.pid))
            time.sleep(0.05)
        seconds = time.monotonic() - started
        answers = int(counter.communicate()[0])
        broker_mib = peak_mib(broker.pid)
        for process in (worker, broker):
            process.terminate()
            process.wait(timeout=30)
        source.wait()
    if client.returncode or answers != LINES:
        sys.exit(f"bench_memory: exit code {client.returncode}, {answers} of {LINES} answers")
    print(f"{LINES} lines in {seconds:.1f} s ({LINES / seconds / 1e6:.1f} M jobs/s): "
          f"broker {broker_mib:.0f} MiB, client {client_mib:.0f} MiB (below 64 each)")


main()
