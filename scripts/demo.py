"""The demonstration behind scripts/demo: programs' folder and number of jobs are its arguments.

Every answer is compared with Python's own arithmetic, which is IEEE 754 binary64 as dcalc's is, so
the digits must be the same to the last one.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

FOLDER, JOBS = sys.argv[1], int(sys.argv[2])
ROWS = max(JOBS // 5, 1)
DEADLINE_S = 300


def say(text):
    print(text, flush=True)


def text_of(number):
    """A double as dcalc prints it: ECMAScript's form, which differs from Python's in exponents."""
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError("not finite")
    if number == int(number) and abs(number) < 1e21:
        return str(int(number))
    text = repr(number)
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    exponent = int(exponent)
    if -7 < exponent < 0:
        digits = mantissa.lstrip("-").replace(".", "")
        sign = "-" if number < 0 else ""
        return sign + "0." + "0" * (-exponent - 1) + digits
    return mantissa + "e" + str(exponent)


def make_expressions(path, expected_path):
    """Distinct expressions, one a line, and what each must be."""
    rng = random.Random(2026)
    with open(path, "w") as lines, open(expected_path, "w") as answers:
        for index in range(JOBS):
            a, b = rng.randrange(1, 10**6) / 1000, rng.randrange(1, 10**4) / 100
            c = rng.randrange(1, 10**5)
            form = index % 4
            if form == 0:
                line, value = f"{a}*({b}+{index})-{c}/8", a * (b + index) - c / 8
            elif form == 1:
                line, value = f"({index}+{a})/{b}-{c}", (index + a) / b - c
            elif form == 2:
                line, value = f"{index}-{a}*{b}+{c}", index - a * b + c
            else:
                line, value = f"{a}^2+{index}*{b}", a * a + index * b
            lines.write(line + "\n")
            answers.write(text_of(value) + "\n")


def make_table(path, expected_path):
    """A price list, and what price * quantity * (1 - discount) must give."""
    rng = random.Random(1955)
    with open(path, "w") as table, open(expected_path, "w") as answers:
        table.write("item,price,quantity,discount\n")
        answers.write("item,price,quantity,discount,result,error\n")
        for index in range(ROWS):
            price, quantity = rng.randrange(1, 10**6) / 100, rng.randrange(1, 1000)
            discount = rng.randrange(0, 50) / 100
            row = f'"item {index}, boxed",{price},{quantity},{discount}'
            table.write(row + "\n")
            answers.write(f"{row},{text_of(price * quantity * (1 - discount))},\n")


class Cluster:
    """A broker and two workers on sockets in a private folder; each is ended by its pid."""

    def __init__(self, folder):
        self.frontend = f"ipc://{folder}/clients"
        self.backend = f"ipc://{folder}/workers"
        self.processes = []
        self.start("dcalc-broker", "--frontend", self.frontend, "--backend", self.backend, "--data", "none")
        self.workers = [
            self.start("dcalc-worker", "--backend", self.backend, "--slots", "1", "--name", name)
            for name in ("alpha", "beta")
        ]

    def start(self, program, *options):
        process = subprocess.Popen(
            [os.path.join(FOLDER, program), *options, "--log-level", "error"]
        )
        self.processes.append(process)
        return process

    def kill_worker(self):
        """End a worker as a power failure would, and start another in its place."""
        victim = self.workers.pop(0)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        self.workers.append(
            self.start("dcalc-worker", "--backend", self.backend, "--slots", "1", "--name", "gamma")
        )

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def run(cluster, arguments, output, kill_after_s=None):
    """Run the client, if wished lose a worker on the way; returns the seconds it took."""
    client = os.path.join(FOLDER, "dcalc-client")
    started = time.monotonic()
    process = subprocess.Popen(
        [client, "--broker", cluster.frontend, "batch", *arguments, "-O", output]
    )
    killer = None
    if kill_after_s is not None:
        killer = threading.Timer(kill_after_s, cluster.kill_worker)
        killer.start()
    try:
        code = process.wait(timeout=DEADLINE_S)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if killer:
            killer.join()
    seconds = time.monotonic() - started
    if code != 0:
        sys.exit(f"demo: dcalc-client ended with {code}")
    return seconds


def check(output, expected, jobs, what):
    """Compare line by line; the first difference ends the demonstration."""
    with open(output) as have, open(expected) as want:
        count = 0
        for count, (got, wanted) in enumerate(zip(have, want), 1):
            if got != wanted:
                sys.exit(f"demo: {what}, line {count}: got {got!r}, expected {wanted!r}")
        if have.readline() or want.readline() or count < jobs:
            sys.exit(f"demo: {what}: the number of lines is not that of the input")


def main():
    with tempfile.TemporaryDirectory(prefix="dcalc-demo-") as folder:
        path = {name: os.path.join(folder, name) for name in
                ("lines.txt", "lines.expected", "lines.out",
                 "prices.csv", "prices.expected", "prices.out")}
        say(f"making {JOBS:,} distinct expressions and a table of {ROWS:,} rows, "
            "and calculating every answer with Python ...")
        make_expressions(path["lines.txt"], path["lines.expected"])
        make_table(path["prices.csv"], path["prices.expected"])
        cluster = Cluster(folder)
        try:
            say("a broker and two workers are up; sending the expressions, "
                "and killing a worker on the way ...")
            seconds = run(cluster, [path["lines.txt"]], path["lines.out"], kill_after_s=0.05)
            check(path["lines.out"], path["lines.expected"], JOBS, "expressions")
            say(f"  {JOBS:,} expressions in {seconds:.2f} s ({JOBS / seconds:,.0f} a second), "
                "a worker lost, every answer right, once, in order")
            say("sending the table with a template: price * quantity * (1 - discount)")
            seconds = run(cluster, [path["prices.csv"], "-t", "price*quantity*(1-discount)"],
                          path["prices.out"])
            check(path["prices.out"], path["prices.expected"], ROWS, "table")
            say(f"  {ROWS:,} rows in {seconds:.2f} s ({ROWS / seconds:,.0f} a second), "
                "every answer right, in order")
        finally:
            cluster.stop()
    say("demo: all answers are right; nothing is left running")


main()
