"""What distributing costs: a file of lines, and a table, against bare processes in the same run.

    bench_lines.py [JOBS [ROUNDS]]      default 1,000,000 jobs, 5 rounds

The measure is two processes that each read, evaluate and print half of the same file with the same
engine (tests/bench/evaluate.c), and `bc -l`. Rounds alternate; medians are printed. All output goes
to files. DCALC_BIN names the folder of the programs.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

BIN = os.environ.get("DCALC_BIN", os.path.join(os.getcwd(), "build/release"))
JOBS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5


def make_lines(path):
    """Distinct expressions of 24 bytes on average, which bc understands as well."""
    rng = random.Random(24)
    with open(path, "w") as out:
        for index in range(JOBS):
            a, b, c = rng.randrange(1, 1000) / 10, rng.randrange(1, 10000) / 100, rng.randrange(99)
            form = index % 4
            if form == 0:
                out.write(f"{a}*({b}+{index})-{c}/3.1\n")
            elif form == 1:
                out.write(f"({index}+{a})/{b}-{c}*{c}\n")
            elif form == 2:
                out.write(f"{index}-{a}*{b}+2^{c % 9}\n")
            else:
                out.write(f"{a}/{b}+{index}*0.{c}+17\n")


def make_table(path):
    rng = random.Random(3)
    with open(path, "w") as out:
        out.write("price,quantity,discount\n")
        for _ in range(JOBS):
            out.write(f"{rng.randrange(10**6) / 100},{rng.randrange(1, 1000)},"
                      f"{rng.randrange(50) / 100}\n")


def timed(commands):
    """Run commands side by side, each (arguments, input path or None, output path)."""
    files, processes = [], []
    started = time.monotonic()
    for arguments, source, target in commands:
        stdin = open(source) if source else subprocess.DEVNULL
        stdout = open(target, "w")
        files += [file for file in (stdin, stdout) if hasattr(file, "close")]
        processes.append(subprocess.Popen(arguments, stdin=stdin, stdout=stdout,
                                          stderr=subprocess.DEVNULL))
    codes = [process.wait(timeout=300) for process in processes]
    seconds = time.monotonic() - started
    for file in files:
        file.close()
    if any(codes):
        sys.exit(f"bench_lines: {commands}: exit codes {codes}")
    return seconds


def main():
    with tempfile.TemporaryDirectory(prefix="dcalc-bench-") as folder:
        def at(name):
            return os.path.join(folder, name)

        make_lines(at("lines"))
        make_table(at("table.csv"))
        size = os.path.getsize(at("lines")) / JOBS
        evaluate = os.path.join(BIN, "bench/evaluate")
        client = os.path.join(BIN, "dcalc-client")
        frontend, backend = f"ipc://{folder}/clients", f"ipc://{folder}/workers"
        quiet = ["--log-level", "error"]
        broker = subprocess.Popen([os.path.join(BIN, "dcalc-broker"), "--frontend", frontend,
                                   "--backend", backend, "--data", "none", *quiet])
        worker = subprocess.Popen([os.path.join(BIN, "dcalc-worker"), "--backend", backend,
                                   "--slots", "2", *quiet])
        sides = {
            "two bare processes": [
                ([evaluate, at("lines"), "0", "2"], None, at("half.1")),
                ([evaluate, at("lines"), "1", "2"], None, at("half.2")),
            ],
            "dcalc, lines": [([client, "-q", "-b", frontend], at("lines"), at("lines.out"))],
            "dcalc, table": [([client, "-q", "-b", frontend, "batch", at("table.csv"),
                               "-t", "price*quantity*(1-discount)"], None, at("table.out"))],
        }
        seconds = {name: [] for name in sides}
        try:
            timed(sides["dcalc, lines"])
            for _ in range(ROUNDS):
                for name, commands in sides.items():
                    seconds[name].append(timed(commands))
            bare = open(at("half.1")).read() + open(at("half.2")).read()
            if open(at("lines.out")).read() != bare:
                sys.exit("bench_lines: the results differ")
            bc_s = timed([(["bc", "-l"], at("lines"), at("bc.out"))])
        finally:
            for process in (worker, broker):
                process.terminate()
                process.wait(timeout=30)
    median = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"{JOBS} jobs, {size:.1f} bytes a line")
    for name, value in median.items():
        print(f"  {name:20} {value:7.3f} s  {JOBS / value / 1e6:6.2f} M jobs/s")
    print(f"  {'bc -l':20} {bc_s:7.3f} s")
    base = median["two bare processes"]
    print(f"lines: {base / median['dcalc, lines']:.2f} of two bare processes (at least 0.50), "
          f"{median['dcalc, lines'] / bc_s:.3f} of bc's time (at most 0.2)")
    print(f"table: {base / median['dcalc, table']:.2f} of two bare processes (at least 0.40)")


main()
