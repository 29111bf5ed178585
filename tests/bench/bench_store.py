"""What it costs to keep batches: single jobs a second against beanstalkd, on the same disk in the same
run; how long a broker that was killed takes with a million jobs; an interactive job beside all that, alone
and beside the same load which nobody keeps: what lies between these is what the disk does.

    bench_store.py [FOLDER]      where the disk is; default: the current folder

beanstalkd syncs every job (`-b -f0`), and is left out if it is not installed. Both are given as many
jobs as they take at once. DCALC_BIN names the folder of the programs.
"""

import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

try:
    import zmq
except ImportError:
    print("bench_store: left out, python3-zmq is not installed")
    sys.exit(0)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from tests.lib import detached as wire
from tests.lib.cluster import BIN, Cluster, free_port

TRICKLE = os.path.join(BIN, "bench/trickle")
FOLDER = sys.argv[1] if len(sys.argv) > 1 else os.getcwd()
ROUNDS, SECONDS = 5, 2
PACK, UNDER_WAY = 25, 1500
REQUESTS = 3000
LOADS = [("1000/s, which nobody keeps", ["1000", "1", "interactive"]),
         ("1000/s detached", ["1000", "1"]),
         ("1000/s detached, 25 a message", ["1000", "25"]),
         ("200/s detached", ["200", "1"])]


def message_of(keys):
    records = []
    for key in keys:
        records += [wire.open_record(key, key), wire.chunk_record(key, 0, ["1+1"]),
                    wire.record(wire.CLOSE, key, 1)]
    return wire.message(*records)


def submit(session, first, seconds, is_ending=None):
    """Submit batches of one job each for a while; how many are kept, in how long."""
    since, sent, kept = time.monotonic(), 0, 0
    while kept < sent or time.monotonic() - since < seconds:
        if is_ending and is_ending.is_set():
            break
        while sent - kept < UNDER_WAY and time.monotonic() - since < seconds:
            keys = range(first + sent, first + sent + PACK)
            session.socket.send_multipart(message_of(keys))
            sent += PACK
            if session.socket.poll(0):
                break
        for command, values, _ in session.receive(20000):
            if command == wire.REFUSED:
                raise AssertionError(f"refused: {values}")
            kept += command == wire.RECEIPT and values[3] == wire.RECEIPT_CLOSED
    return kept / (time.monotonic() - since)


def submit_to_beanstalkd(port, seconds):
    connection = socket.create_connection(("127.0.0.1", port))
    since, sent, kept, text = time.monotonic(), 0, 0, b"put 0 0 60 3\r\n1+1\r\n"
    while kept < sent or time.monotonic() - since < seconds:
        if time.monotonic() - since < seconds and sent - kept < UNDER_WAY:
            connection.sendall(text * PACK)
            sent += PACK
        kept += connection.recv(1 << 16).count(b"INSERTED")
    rate = kept / (time.monotonic() - since)
    connection.close()
    return rate


def with_beanstalkd(seconds):
    folder, port = tempfile.mkdtemp(prefix="bench-", dir=FOLDER), free_port()
    process = subprocess.Popen(["beanstalkd", "-l", "127.0.0.1", "-p", str(port), "-b", folder,
                                "-f0"])
    try:
        time.sleep(0.3)
        return submit_to_beanstalkd(port, seconds)
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def with_dcalc(context, seconds):
    folder = tempfile.mkdtemp(prefix="bench-", dir=FOLDER)
    try:
        with Cluster(workers=0, data=folder) as cluster:
            session = wire.Session(context, cluster.frontend)
            rate = submit(session, 1, seconds)
            session.close()
            return rate
    finally:
        shutil.rmtree(folder)


def compare(context):
    rates, others = [], []
    for _ in range(ROUNDS):
        rates.append(with_dcalc(context, SECONDS))
        if shutil.which("beanstalkd"):
            others.append(with_beanstalkd(SECONDS))
    rate = statistics.median(rates)
    print(f"single jobs kept, synced to disk    {rate:8.0f}/s")
    if others:
        other = statistics.median(others)
        print(f"  beanstalkd -b -f0                 {other:8.0f}/s   dcalc {rate / other:.1f} times")


def submit_million(context, cluster):
    session = wire.Session(context, cluster.frontend)
    wire.submit(session, 1, [str(i) for i in range(4096)], 245)
    session.close()


def restart(context):
    folder = tempfile.mkdtemp(prefix="bench-", dir=FOLDER)
    try:
        with Cluster(workers=0, data=folder) as cluster:
            since = time.monotonic()
            submit_million(context, cluster)
            sent = time.monotonic() - since
            cluster.broker.kill()
            cluster.broker.wait()
            since = time.monotonic()
            cluster.start_broker()
            session = wire.Session(context, cluster.frontend)
            session.send(wire.open_record(2, 1))
            session.wait_for(wire.RECEIPT)
            took = time.monotonic() - since
            session.close()
            print(f"1,003,520 jobs in 245 chunks kept in {sent:.2f} s; killed, and ready again with"
                  f" all of them after {took:.2f} s")
    finally:
        shutil.rmtree(folder)


def percentiles(context, url):
    socket_ = context.socket(zmq.REQ)
    socket_.linger = 0
    socket_.connect(url)
    times = []
    for _ in range(REQUESTS):
        since = time.monotonic()
        socket_.send(b"1+1")
        socket_.recv()
        times.append(time.monotonic() - since)
    socket_.close()
    times.sort()
    return times[len(times) // 2] * 1e3, times[len(times) * 99 // 100] * 1e3


@contextlib.contextmanager
def running_on(cpus):
    """What is started meanwhile runs on these processors, and so does this program."""
    former = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cpus)
    try:
        yield
    finally:
        os.sched_setaffinity(0, former)


def beside(context, load, disk_cpus):
    """Interactive jobs alone, and beside `load`. With `disk_cpus` the broker writes to its disk there,
    and whoever submits the load is there; all else is on the other processors."""
    everywhere = os.sched_getaffinity(0)
    options = [word for cpu in disk_cpus for word in ("--data-cpu", str(cpu))]
    with (tempfile.TemporaryDirectory(prefix="bench-", dir=FOLDER) as folder,
          running_on(everywhere - disk_cpus),
          Cluster(workers=1, slots=2, data=folder, broker_options=options) as cluster):
        alone = percentiles(context, cluster.frontend)
        with running_on(disk_cpus or everywhere):
            trickle = subprocess.Popen([TRICKLE, cluster.frontend, *load], stdout=subprocess.PIPE)
        trickle.stdout.readline()
        time.sleep(0.3)
        beside_it = percentiles(context, cluster.frontend)
        trickle.kill()
        trickle.wait()
        trickle.stdout.close()
        return alone, beside_it


def print_beside(name, rounds):
    p50, p99 = (statistics.median(column) for column in zip(*(loaded for _, loaded in rounds)))
    alone = statistics.median(p99_alone for (_, p99_alone), _ in rounds)
    print(f"  {name:46} p50 {p50:.2f}  p99 {p99:.2f} ms; alone {alone:.2f}: {p99 / alone:.1f} times")


def compare_beside(context):
    cpus = os.sched_getaffinity(0)
    places = [("anywhere", set())]
    if len(cpus) > 1:
        places.append(("the disk has a processor", {max(cpus)}))
    for place, disk_cpus in places:
        print(f"an interactive job beside batches of one job each, {place}:")
        rounds = [[beside(context, load, disk_cpus) for _, load in LOADS] for _ in range(ROUNDS)]
        for (name, _), runs in zip(LOADS, zip(*rounds)):
            print_beside(name, runs)


def main():
    context = zmq.Context()
    compare(context)
    restart(context)
    compare_beside(context)
    context.destroy(0)


main()
