"""What a slot at a tenth of its speed costs the others, and how well few long jobs are shared out.

    bench_stragglers.py [ROUNDS [JOB_MS]]     default 3 rounds, jobs of 100 ms to be shared out

A batch on two slots, and on three of which one is stopped for nine tenths of the time, in turns: the
second should take at most 25 % longer. Then 100 jobs in one chunk on 2, 3 and 7 slots, against an even
share of the time that the slots say that they were at them. Medians are printed. DCALC_BIN names the
folder of the programs.
"""

import json
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster  # noqa: E402
from slow import Slowed  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 3
JOB_MS = float(sys.argv[2]) if len(sys.argv) > 2 else 100


def job(terms):
    """An expression of one line that is not split: only its end says that it is true."""
    return f"all(k > 0, k, 1, {terms:.0f})\n"


def timed(cluster, lines):
    start = time.monotonic()
    result = cluster.run("batch", "-q", stdin="".join(lines), timeout=600)
    took = time.monotonic() - start
    if result.code or result.lines != ["true"] * len(lines):
        sys.exit(f"bench_stragglers: a batch fails: {result.err}")
    return took


def slots(cluster):
    return [json.loads(line) for line in cluster.run("workers", "-o", "json").lines]


def slot_pids(cluster):
    return [slot["pid"] for slot in slots(cluster)]


def terms_per_ms(cluster):
    """As fast as one slot is now."""
    terms = 200_000_000
    return terms / min(timed(cluster, [job(terms)]) for _ in range(3)) / 1000


def straggler(name, lines):
    took = {"two": [], "three": []}
    with Cluster(workers=2, slots=1) as two, Cluster(workers=3, slots=1) as three:
        slow = slot_pids(three)[0]
        for _ in range(ROUNDS):
            took["two"].append(timed(two, lines))
            with Slowed(slow, 0.1):
                took["three"].append(timed(three, lines))
    median = {which: statistics.median(times) for which, times in took.items()}
    print(f"{name}: two slots {median['two']:.3f} s, with a third at a tenth of its speed "
          f"{median['three']:.3f} s: {median['three'] / median['two']:.2f} times")


def busy_s(cluster):
    return sum(slot["busy_ms"] for slot in slots(cluster)) / 1000


def shared_out(name, slot_count, lines):
    ratios = []
    with Cluster(workers=1, slots=slot_count) as cluster:
        for _ in range(ROUNDS):
            before = busy_s(cluster)
            took = timed(cluster, lines)
            ratios.append(took / (busy_s(cluster) - before) * slot_count)
    print(f"{name} on {slot_count} slots: {took:.3f} s, {statistics.median(ratios):.2f} times an "
          "even share")


def main():
    with Cluster(workers=1, slots=1) as one:
        per_ms = terms_per_ms(one)
    straggler("200 jobs of 30 ms", [job(30 * per_ms)] * 200)
    straggler("20000 jobs of 0.1 ms", [job(0.1 * per_ms)] * 20000)
    for count in (2, 3, 7):
        shared_out(f"100 jobs of {JOB_MS:g} ms in one chunk", count, [job(JOB_MS * per_ms)] * 100)
    long_and_short = [job(JOB_MS * per_ms)] * 50 + [job(10 * JOB_MS * per_ms)]
    long_and_short += [job(JOB_MS * per_ms)] * 49
    shared_out("the same with one of ten times as long", 2, long_and_short)


main()
