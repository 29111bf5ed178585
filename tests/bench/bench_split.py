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
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import BIN, Cluster, program  # noqa: E402

TERMS = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000_000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5


def timed(arguments):
    start = time.monotonic()
    done = subprocess.run(arguments, check=True, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=600)
    return time.monotonic() - start, done.stdout.strip()


def main():
    seconds, values = {"dcalc": [], "C": []}, set()
    with Cluster(workers=1, slots=2) as cluster:
        options = cluster.arguments(["-q", "--timeout", "600s", f"sum(1/k^2, k, 1, {TERMS})"])
        for _ in range(ROUNDS):
            took, value = timed([program("dcalc-client"), *options])
            seconds["dcalc"].append(took)
            values.add(value)
            seconds["C"].append(timed([os.path.join(BIN, "bench/loop"), str(TERMS)])[0])
    if len(values) != 1:
        sys.exit(f"bench_split: the digits differ: {values}")
    median = {name: statistics.median(times) for name, times in seconds.items()}
    print(f"sum(1/k^2, k, 1, {TERMS:.0e}) = {values.pop()}: two slots {median['dcalc']:.3f} s, "
          f"C on two threads {median['C']:.3f} s: {median['dcalc'] / median['C']:.2f} times")


main()
