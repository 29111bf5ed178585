"""What one long reduction costs on two slots, against a loop in C on two threads in the same run.

    bench_split.py [TERMS [ROUNDS]]     default 1,000,000,000 terms, 5 rounds

The loop (tests/bench/loop.c, gcc -O3) adds as it comes, so its last digits differ; ours are those of
the exactly rounded sum. Rounds alternate; medians are printed. The cluster is up before the first
round; a client's start is in its time. DCALC_BIN names the folder of the programs.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

BIN = os.environ.get("DCALC_BIN", os.path.join(os.getcwd(), "build/release"))
TERMS = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000_000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5


def timed(arguments):
    start = time.monotonic()
    done = subprocess.run(arguments, check=True, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=600)
    return time.monotonic() - start, done.stdout.strip()


def main():
    with tempfile.TemporaryDirectory(prefix="dcalc-bench-") as folder:
        frontend, backend = f"ipc://{folder}/clients", f"ipc://{folder}/workers"
        quiet = ["--log-level", "error"]
        broker = subprocess.Popen([os.path.join(BIN, "dcalc-broker"), "--frontend", frontend,
                                   "--backend", backend, *quiet])
        worker = subprocess.Popen([os.path.join(BIN, "dcalc-worker"), "--backend", backend,
                                   "--slots", "2", *quiet])
        client = [os.path.join(BIN, "dcalc-client"), "-q", "-b", frontend, "--timeout", "600s"]
        ours = [*client, f"sum(1/k^2, k, 1, {TERMS})"]
        loop = [os.path.join(BIN, "bench/loop"), str(TERMS)]
        seconds, values = {"dcalc": [], "C": []}, set()
        try:
            timed([*client, "1+1"])
            for _ in range(ROUNDS):
                took, value = timed(ours)
                seconds["dcalc"].append(took)
                values.add(value)
                seconds["C"].append(timed(loop)[0])
        finally:
            for process in (worker, broker):
                process.terminate()
                process.wait(timeout=30)
    if len(values) != 1:
        sys.exit(f"bench_split: the digits differ: {values}")
    median = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"sum(1/k^2, k, 1, {TERMS:.0e}) = {values.pop()}: two slots {median['dcalc']:.3f} s, "
          f"C on two threads {median['C']:.3f} s: {median['dcalc'] / median['C']:.2f} times")


main()
