"""dcalc and what people would pick instead, with the same jobs, on one machine in one run.

    bench_peers.py [ROUNDS]      default 5

Queues: each gets `(n+1)*3^2/7` as text, has two worker processes that evaluate it with the same engine,
and a client with 1000 jobs under way; everything is kept in memory and talks TCP on loopback, unless a
line says otherwise. Evaluators: a file of 100,000 such lines, from the start of the process to its end.
Rounds go through all of them, beginning with another one each; medians are printed. What is not
installed is left out, and said (scripts/install-deps --for peers). The picture is peers.svg, beside
the programs. DCALC_BIN names their folder.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))
from tests.bench.peers import picture
from tests.lib.cluster import free_port

BIN = os.environ.get("DCALC_BIN", os.path.join(os.getcwd(), "build/release"))
PEERS = os.path.join(BIN, "bench/peers")
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
WORKERS, PACK, TRIPS = 2, 1000, 2000
SECONDS = 1  # that a rate is measured for, about
LEFT = 1_000_000
LINES = 100_000
TICKS = os.sysconf("SC_CLK_TCK")
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"  # where some servers are


def program(name):
    return shutil.which(name, path=PATH)


# --- queues ------------------------------------------------------------------------------------

class Queue:
    """One queue: its processes, and what was measured of it."""

    def __init__(self, name, server=None, peer=None, ipc=False, title=None):
        self.name, self.peer, self.server = title or name, peer or name, server
        self.processes, self.folder = [], tempfile.mkdtemp(prefix="peers-")
        if ipc:
            self.urls = [f"ipc://{self.folder}/{side}" for side in ("front", "back")]
        else:
            self.urls = [f"tcp://127.0.0.1:{free_port()}" for _ in range(2)]
        self.port = self.urls[0].rsplit(":", 1)[1]
        self.rates, self.packed, self.trips, self.tails, self.cpu = [], [], [], [], []
        self.jobs = self.packed_jobs = None  # that are sent in a round
        self.left = None

    def command(self, what, *rest):
        return [PEERS, self.peer, what, *self.urls, *map(str, rest)]

    def spawn(self, command):
        log = open(os.path.join(self.folder, "log"), "a")
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                   cwd=self.folder)
        log.close()
        self.processes.append(process)

    def is_there(self):
        return not self.server or bool(program(self.server[0]))

    def start_server(self):
        if self.server:
            words = [word.format(port=self.port, folder=self.folder) for word in self.server]
            self.spawn([program(words[0]), *words[1:]])
        else:
            self.spawn(self.command("serve"))
        time.sleep(0.5)

    def start_workers(self):
        for _ in range(WORKERS):
            self.spawn(self.command("work"))
        time.sleep(0.3)

    def start(self):
        self.start_server()
        self.start_workers()

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = []

    def measure(self, what, *rest):
        done = subprocess.run(self.command(what, *rest), stdout=subprocess.PIPE, text=True,
                              timeout=120)
        if done.returncode:
            raise SystemExit(f"bench_peers: {self.name}: {what} failed; its log is in {self.folder}")
        return [float(word) for word in done.stdout.split()]

    def cpu_seconds(self):
        """Of the server and the workers, with all their children."""
        wanted, total = {process.pid for process in self.processes}, 0
        stats = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/stat") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            stats.append((int(name), int(fields[1]), int(fields[11]) + int(fields[12])))
        for pid, parent, ticks in sorted(stats):
            if pid in wanted or parent in wanted:
                wanted.add(pid)
                total += ticks
        return total / TICKS

    def plan(self):
        """As many jobs as take some SECONDS."""
        def fitting(least, pack):
            return max(least, int(round(self.measure("rate", least, pack)[0] * SECONDS, -3)))
        self.jobs, self.packed_jobs = fitting(5 * PACK, 1), fitting(20 * PACK, PACK)

    def round(self):
        if not self.jobs:
            self.plan()
        before = self.cpu_seconds(), os.times()
        self.rates += self.measure("rate", self.jobs, 1)
        after = self.cpu_seconds(), os.times()
        client = (after[1].children_user + after[1].children_system
                  - before[1].children_user - before[1].children_system)
        self.cpu.append((after[0] - before[0] + client) / self.jobs * 1e6)
        self.packed += self.measure("rate", self.packed_jobs, PACK)
        trip, tail = self.measure("trip", TRIPS)
        self.trips.append(trip)
        self.tails.append(tail)

    def memory(self):
        """Of the server's process, in bytes."""
        with open(f"/proc/{self.processes[0].pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def measure_left(self):
        """What a job costs that nobody takes; None if the server keeps none."""
        if self.peer in ("nats", "dcalc-plain"):
            return
        self.start_server()
        before = self.memory()
        client = subprocess.Popen(self.command("leave", LEFT), stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        if client.stdout.readline() == b"left\n":
            time.sleep(1)
            self.left = (self.memory() - before) / LEFT
        client.communicate(b"\n")
        self.stop()

    def done(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Dcalc(Queue):
    """Its worker is a program with slots, and what is left with it is kept on a disk as well."""

    def start_server(self):
        self.start_broker("none")

    def start_broker(self, data):
        self.spawn([os.path.join(BIN, "dcalc-broker"), "--frontend", self.urls[0], "--backend",
                    self.urls[1], "--data", data, "--log-level", "warn"])
        time.sleep(0.5)

    def start_workers(self):
        self.spawn([os.path.join(BIN, "dcalc-worker"), "--backend", self.urls[1], "--slots",
                    str(WORKERS), "--log-level", "warn"])
        time.sleep(0.5)

    def measure_left(self):
        server, self.start_server = self.start_server, lambda: self.start_broker(self.folder)
        super().measure_left()
        self.start_server = server


def all_queues():
    return [
        Dcalc("dcalc"),
        Dcalc("dcalc", ipc=True, title="dcalc, ipc"),
        Dcalc("dcalc", peer="dcalc-plain", title="dcalc, plain"),
        Queue("redis", ["redis-server", "--port", "{port}", "--bind", "127.0.0.1", "--save", "",
                        "--appendonly", "no"]),
        Queue("nats", ["nats-server", "-a", "127.0.0.1", "-p", "{port}"]),
        Queue("gearmand", ["gearmand", "--listen=127.0.0.1", "--port={port}", "--log-file=stderr",
                           "--hashtable-buckets=1000003"]),
        Queue("beanstalkd", ["beanstalkd", "-l", "127.0.0.1", "-p", "{port}"]),
        Queue("zmq_proxy"),
        Queue("pirate", title="guide's pirate"),
    ]


# --- evaluators --------------------------------------------------------------------------------

def all_evaluators(folder):
    lines, table = os.path.join(folder, "lines.txt"), os.path.join(folder, "table.csv")
    with open(lines, "w") as out:
        out.writelines(f"({n}+1)*3^2/7\n" for n in range(LINES))
    with open(table, "w") as out:
        out.write("n\n")
        out.writelines(f"{n}\n" for n in range(LINES))
    client = os.path.join(BIN, "dcalc-client")
    return {
        "dcalc, lines": ([client, "--local=2", "-q"], lines),
        "dcalc, template": ([client, "batch", "--local=2", "-q", table, "-t", "(n+1)*3^2/7"], None),
        "Miller": ([program("mlr"), "--icsv", "--ocsv", "put", "$result = ($n+1)*3**2/7", table],
                   None),
        "bc -l": ([program("bc"), "-l"], lines),
        "muParser, linked": ([os.path.join(BIN, "bench/muparser_lines"), lines], None),
    }


def timed(command, source):
    with open(source or os.devnull) as stdin:
        since = time.monotonic()
        subprocess.run(command, stdin=stdin, stdout=subprocess.DEVNULL, check=True, timeout=120)
        return time.monotonic() - since


def measure_evaluators():
    with tempfile.TemporaryDirectory() as folder:
        evaluators = {name: words for name, words in all_evaluators(folder).items()
                      if words[0][0] and os.path.exists(words[0][0])}
        times = {name: [] for name in evaluators}
        for _ in range(ROUNDS):
            for name, (command, source) in evaluators.items():
                times[name].append(timed(command, source))
    return {name: statistics.median(values) for name, values in times.items()}


# --- report ------------------------------------------------------------------------------------

def short(value):
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.3g}{unit}"
    return f"{value:.3g}"


def median(values):
    return statistics.median(values) if values else None


def report_queues(queues):
    print(f"{'':16} {'jobs/s, one':>14} {'jobs/s, 1000':>14} {'round trip':>12} {'99 of 100':>12}"
          f" {'processor':>12} {'left':>9}")
    print(f"{'':16} {'a message':>14} {'a message':>14} {'us':>12} {'us':>12} {'us a job':>12}"
          f" {'bytes':>9}")
    for queue in queues:
        left = f"{queue.left:.0f}" if queue.left is not None else "-"
        print(f"{queue.name:16} {median(queue.rates):14,.0f} {median(queue.packed):14,.0f}"
              f" {median(queue.trips):12.1f} {median(queue.tails):12.1f} {median(queue.cpu):12.2f}"
              f" {left:>9}")


def say_lost(queues):
    """What dcalc loses, measured."""
    ours, others = queues[0], queues[3:]
    measures = (("jobs/s, one a message", "rates", True), ("jobs/s, 1000 a message", "packed", True),
                ("round trip over TCP", "trips", False), ("processor time a job", "cpu", False))
    for title, member, more_is_better in measures:
        mine = median(getattr(ours, member))
        for other in others:
            value = median(getattr(other, member))
            if (value > mine) == more_is_better and value != mine:
                print(f"dcalc loses: {title}: {other.name} has {short(value)}, dcalc {short(mine)}")
    for other in others:
        if ours.left and other.left is not None and other.left < ours.left:
            print(f"dcalc loses: memory of a job that waits: {other.name} has {other.left:.0f} bytes,"
                  f" dcalc {ours.left:.0f}")


def say_targets(queues, times):
    by_name = {queue.name: queue for queue in queues}
    ours = by_name["dcalc"]
    if "redis" in by_name:
        redis = median(by_name["redis"].rates)
        print(f"against Redis, BLMPOP 64: singles {median(ours.rates) / redis:.2f} (at least 1), "
              f"1000 a message {median(ours.packed) / redis:.2f} (at least 3)")
    if "gearmand" in by_name:
        gearman = median(by_name["gearmand"].trips)
        print(f"round trip against gearmand: over ipc {median(by_name['dcalc, ipc'].trips) / gearman:.2f}"
              f" (at most 1.5), over TCP {median(ours.trips) / gearman:.2f}, by the plain door "
              f"{median(by_name['dcalc, plain'].trips) / gearman:.2f}")
    for name in ("Miller", "bc -l"):
        if name in times:
            print(f"100,000 lines against {name}: {times['dcalc, lines'] / times[name]:.2f} of its time"
                  f" (below 1)")


def draw(path, queues, times):
    def rows(member, text):
        return [(queue.name, median(getattr(queue, member)), text(median(getattr(queue, member))),
                 queue.name.startswith("dcalc")) for queue in queues]
    left = [(queue.name, queue.left, f"{queue.left:.0f} bytes", queue.name.startswith("dcalc"))
            for queue in queues if queue.left]
    picture.write(path, [
        ("Jobs a second, one job a message", "more is better; logarithmic",
         rows("rates", lambda value: short(value) + "/s")),
        ("Jobs a second, 1000 jobs a message", "more is better; logarithmic",
         rows("packed", lambda value: short(value) + "/s")),
        ("Round trip of one job", "less is better; median, logarithmic",
         rows("trips", lambda value: f"{value:.0f} us")),
        ("Processor time of a job", "less is better; all processes together, logarithmic",
         rows("cpu", lambda value: f"{value:.2f} us")),
        ("Memory of a job that waits", "less is better; of the server, logarithmic", left),
        ("A file of 100,000 lines", "less is better; from start to end, logarithmic",
         [(name, value, f"{value * 1e3:.0f} ms", name.startswith("dcalc"))
          for name, value in times.items()]),
    ])


def main():
    known = subprocess.run([PEERS], stderr=subprocess.PIPE, text=True).stderr.split()
    queues = []
    for queue in all_queues():
        if queue.is_there() and queue.peer in known:
            queues.append(queue)
        else:
            print(f"bench_peers: {queue.name} is left out, it is not installed")
            queue.done()
    try:
        for queue in queues:
            queue.start()
        for turn in range(ROUNDS):
            for i in range(len(queues)):
                queues[(turn + i) % len(queues)].round()
        for queue in queues:
            queue.stop()
        for queue in queues:
            if queue.name not in ("dcalc, ipc", "dcalc, plain"):
                queue.measure_left()
        times = measure_evaluators()
    finally:
        for queue in queues:
            queue.stop()
            queue.done()
    report_queues(queues)
    for name, seconds in times.items():
        print(f"{name:16} {seconds * 1e3:14.1f} ms for a file of {LINES:,} lines")
    say_targets(queues, times)
    say_lost(queues)
    draw(os.path.join(BIN, "peers.svg"), queues, times)
    print(f"the picture is {os.path.relpath(os.path.join(BIN, 'peers.svg'))}")


main()
