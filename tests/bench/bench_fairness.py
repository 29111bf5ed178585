"""What others have to do costs whoever asks for little, or for something urgent.

    bench_fairness.py [REQUESTS [JOB_MS]]     default 1000 requests, long jobs of 200 ms

First single requests and small batches of ten jobs, one after another, on an idle cluster of two
slots and while a client streams chunks, more than 10,000 of them: the 99th percentile should be at
most 5 ms higher. (Of 200 requests it is the second worst, which says little.) All programs share the
machine's cores with whatever else runs there: on two cores `nice -n -15` shows what is the cluster's
own. Then a batch of high priority is sent while all slots are at long jobs of low priority: it should
begin when the first of these ends, so what it takes is at most that job and its own. Both in the same
run, loopback. DCALC_BIN names the folder of the programs.
"""

import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster, wait_until  # noqa: E402

import zmq  # noqa: E402

REQUESTS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
JOB_MS = float(sys.argv[2]) if len(sys.argv) > 2 else 200

# Far more than is read by the time that the requests are answered: the client is ended then.
LINE = b"sqrt(12345.678)*2+1\n"
CHUNKS = 50_000
CHUNK_BYTES = 65536

# Jobs of a request.
SIZES = {1: "single requests", 10: "batches of ten"}


def p99_ms(cluster, jobs):
    socket = zmq.Context.instance().socket(zmq.REQ)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RCVTIMEO, 60000)
    socket.connect(cluster.frontend)
    times = []
    for i in range(REQUESTS):
        request = b"\n".join(b"%d+%d" % (i, k) for k in range(jobs))
        reply = b"\n".join(b"%d" % (i + k) for k in range(jobs))
        start = time.monotonic()
        socket.send(request)
        if socket.recv() != reply:
            sys.exit("bench_fairness: a wrong answer")
        times.append((time.monotonic() - start) * 1000)
    socket.close()
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.99))]


def feed(pipe):
    """Write as many chunks as there are to be, or until the reader has gone."""
    block = LINE * (CHUNK_BYTES // len(LINE))
    try:
        for _ in range(CHUNKS):
            pipe.write(block)
    except BrokenPipeError:
        pass


def behind_chunks(cluster):
    client = cluster.start("batch", "-", "-q", stdout=subprocess.DEVNULL)
    feeder = threading.Thread(target=feed, args=(client.stdin,), daemon=True)
    feeder.start()
    wait_until(lambda: "running" in cluster.run("list").out, "the batch runs")
    p99s = [p99_ms(cluster, jobs) for jobs in SIZES]
    still_runs = client.poll() is None
    client.kill()
    client.wait()
    feeder.join()
    if not still_runs:
        sys.exit("bench_fairness: the batch of the others was over too soon")
    return p99s


def job(terms):
    return f"all(k > 0, k, 1, {terms:.0f})\n"


def timed(cluster, lines, *options):
    start = time.monotonic()
    result = cluster.run("batch", "-q", *options, stdin=lines)
    if result.code:
        sys.exit(f"bench_fairness: a batch fails: {result.err}")
    return (time.monotonic() - start) * 1000


def urgent(cluster):
    terms = 1e8
    # Two at once, as one alone would be split over both slots and seem half as long.
    own = min(timed(cluster, job(terms) * 2) for _ in range(3))
    long_job = job(terms * JOB_MS / own)
    alone = timed(cluster, "1+1\n", "--priority", "high")
    low = cluster.start("batch", "-", "-q", "--priority", "low", stdout=subprocess.DEVNULL)
    low.stdin.write((long_job * 100).encode())
    low.stdin.close()
    wait_until(lambda: "running" in cluster.run("list").out, "the long jobs run")
    took = max(timed(cluster, "1+1\n", "--priority", "high") for _ in range(5))
    low.kill()
    low.wait()
    return alone, took


def main():
    with Cluster(workers=1, slots=2) as cluster:
        idles = [p99_ms(cluster, jobs) for jobs in SIZES]
        for name, idle, busy in zip(SIZES.values(), idles, behind_chunks(cluster)):
            print(f"{name}: p99 {idle:.2f} ms idle, {busy:.2f} ms behind chunks of "
                  f"another client: {busy - idle:+.2f} ms")
    with Cluster(workers=1, slots=2) as cluster:
        alone, took = urgent(cluster)
        print(f"high priority behind jobs of {JOB_MS:g} ms on all slots: at most {took:.0f} ms of five, "
              f"{alone:.0f} ms alone: waited {(took - alone) / JOB_MS:.2f} jobs")


main()
