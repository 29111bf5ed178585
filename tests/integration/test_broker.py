"""The broker as a program: start, stop, addresses, and peers in any language."""

import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from detached import WIRE_VERSION, head  # noqa: E402

BIN = os.environ.get("DCALC_BIN", "build/release")
PROGRAM = os.path.join(BIN, "dcalc-broker")
ANY = "tcp://127.0.0.1:*"


class Broker:
    """A broker on ports of its own; `log` are its lines so far."""

    def __init__(self, *options, **settings):
        self.process = subprocess.Popen([PROGRAM, "--frontend", ANY, "--backend", ANY, "--data", "none",
                                         *options],
                                        stderr=subprocess.PIPE, text=True, **settings)
        line = self.process.stderr.readline()
        self.frontend, self.backend = re.search(r"frontend=(\S+) backend=(\S+)", line).groups()
        self.log = [line]
        self.reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr))
        self.reader.start()

    def wait(self):
        status = self.process.wait(20)
        self.reader.join()
        self.process.stderr.close()
        return status

    def wait_for_log(self, words):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            found = [line for line in self.log if words in line]
            if found:
                return found[0]
            time.sleep(0.01)
        raise AssertionError(f"{words!r} is not in the log: {self.log}")


class Case(unittest.TestCase):
    def setUp(self):
        self.context = zmq.Context()
        self.addCleanup(self.context.destroy, 0)

    def start(self, *options, **settings):
        broker = Broker(*options, **settings)
        self.addCleanup(self.end, broker)
        return broker

    def end(self, broker):
        if broker.process.poll() is None:
            broker.process.terminate()
        if not broker.process.stderr.closed:
            self.assertEqual(broker.wait(), 0)

    def connect(self, kind, url):
        connected = self.context.socket(kind)
        connected.linger = 0
        connected.rcvtimeo = 20000
        connected.connect(url)
        self.addCleanup(connected.close)
        return connected

    def worker(self, broker):
        """A plain worker that has said READY and got its first heartbeat."""
        worker = self.connect(zmq.DEALER, broker.backend)
        worker.send(b"\x01")
        broker.wait_for_log("slot ready")
        return worker

    def take_work(self, worker):
        while True:
            frames = worker.recv_multipart()
            if frames != [b"\x02"]:
                return frames


class Options(unittest.TestCase):
    def run_broker(self, *options, **environment):
        return subprocess.run([PROGRAM, *options], capture_output=True, text=True, timeout=20,
                              check=False, env={**os.environ, **environment})

    def test_help_and_version_need_nothing(self):
        result = self.run_broker("--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for option in ["--frontend", "--backend", "--heartbeat", "--liveness", "--memory-max",
                       "--orphan", "--insecure", "--log-level"]:
            self.assertIn(option, result.stdout)
        self.assertNotIn("lifeline", result.stdout)
        self.assertRegex(self.run_broker("-V").stdout, r"^dcalc-broker [0-9.]+")

    def test_public_addresses_are_refused(self):
        for url in ["tcp://*:5999", "tcp://0.0.0.0:5999", "tcp://[::]:5999"]:
            for option in ["--frontend", "--backend"]:
                result = self.run_broker(option, url)
                self.assertEqual(result.returncode, 64)
                self.assertIn("--insecure", result.stderr)

    def test_the_environment_is_read(self):
        result = self.run_broker(DCALC_BROKER_FRONTEND="tcp://*:5999")
        self.assertEqual(result.returncode, 78)

    def test_what_is_no_address_is_refused(self):
        for url in ["5555", "tcp://127.0.0.1", "tcp://127.0.0.1:x", "tcp://127.0.0.1:99999"]:
            result = self.run_broker("--frontend", url, "--backend", ANY)
            self.assertEqual(result.returncode, 64, result.stderr)
            self.assertIn(f"--frontend: '{url}' is not an address such as", result.stderr)

    def test_clients_and_workers_need_an_address_each(self):
        url = "tcp://127.0.0.1:5999"
        result = self.run_broker("--frontend", url, "--backend", url)
        self.assertEqual(result.returncode, 64)
        self.assertIn(f"--frontend and --backend are both {url}", result.stderr)


class Life(Case):
    def test_a_taken_port_is_named(self):
        broker = self.start()
        second = subprocess.run([PROGRAM, "--frontend", broker.frontend, "--backend", ANY, "--data", "none"],
                                capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(second.returncode, 69)
        self.assertIn(f"{broker.frontend} is taken by another program", second.stderr)
        self.assertIn("--frontend", second.stderr)

    def test_a_broker_that_cannot_listen_touches_no_store(self):
        broker = self.start()
        with tempfile.TemporaryDirectory() as folder:
            data = os.path.join(folder, "data")
            for urls in [(broker.frontend, ANY), (ANY, broker.backend)]:
                second = subprocess.run([PROGRAM, "--frontend", urls[0], "--backend", urls[1],
                                         "--data", data], capture_output=True, text=True,
                                        timeout=20, check=False)
                self.assertEqual(second.returncode, 69)
                self.assertRegex(second.stderr, r"^[^\n]* cannot listen: [^\n]* is taken[^\n]*\n$")
            self.assertEqual(os.listdir(folder), [])

    def test_signals_end_it(self):
        for number in [signal.SIGTERM, signal.SIGINT]:
            broker = self.start()
            broker.process.send_signal(number)
            self.assertEqual(broker.wait(), 0)
            self.assertIn("stopped", broker.log[-1])

    def ask(self, broker, text):
        client = self.connect(zmq.REQ, broker.frontend)
        client.send(text)
        return client

    def test_what_a_worker_is_at_is_awaited_and_delivered(self):
        broker = self.start("--drain", "1h")
        worker = self.worker(broker)
        client = self.ask(broker, b"6*7")
        address, _, _ = self.take_work(worker)
        other = self.ask(broker, b"5*5")  # it waits behind
        broker.process.terminate()
        broker.wait_for_log("stopping signal=15")
        worker.send_multipart([address, b"", b"42"])
        self.assertEqual(client.recv(), b"42")
        self.assertRegex(other.recv(), rb"^error: busy the broker is stopping; try again in \d+ ms$")
        self.assertEqual(broker.wait(), 0)

    def test_what_takes_longer_is_not_awaited(self):
        broker = self.start("--drain", "50ms")
        worker = self.worker(broker)
        client = self.ask(broker, b"6*7")
        self.take_work(worker)
        broker.process.terminate()
        self.assertIn(b"error: busy the broker is stopping", client.recv())
        self.assertEqual(broker.wait(), 0)
        broker.wait_for_log("is not awaited drain_ms=50")

    def test_a_second_signal_ends_it_at_once(self):
        broker = self.start("--drain", "1h")
        worker = self.worker(broker)
        client = self.ask(broker, b"6*7")
        self.take_work(worker)
        broker.process.terminate()
        broker.wait_for_log("stopping signal=15")
        broker.process.send_signal(signal.SIGINT)
        self.assertIn(b"error: busy the broker is stopping", client.recv())
        self.assertEqual(broker.wait(), 0)

    def reload(self, broker, file, text):
        """Have the broker read `text` as its settings; returns what it says to that."""
        with open(file, "w", encoding="utf-8") as config:
            config.write(text)
        before = len(broker.log)
        broker.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 20
        while not any("settings read again" in line or "stay as they were" in line for line in broker.log[before:]):
            self.assertLess(time.monotonic(), end, broker.log)
            time.sleep(0.01)
        return broker.log[before:]

    def test_sighup_has_settings_read_again(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "dcalc.conf")
            with open(file, "w", encoding="utf-8") as config:
                config.write("[broker]\nrate = 1M\n")
            broker = self.start("--config", file)
            client = self.connect(zmq.REQ, broker.frontend)
            log = self.reload(broker, file, "[broker]\nlog-level = debug\nrate = 1M\n")
            self.assertEqual(len(log), 1, log)
            self.assertIn(f"settings read again file={file}", log[0])
            client.send(b"1+1")
            broker.wait_for_log(" debug ")
            # Who may hold nothing says so to whoever comes.
            log = self.reload(broker, file, "[broker]\nmemory-max = 1M\nheartbeat = 2s\n")
            self.assertTrue(any("warn setting needs a restart option=heartbeat" in line for line in log), log)
            self.assertFalse(any("option=memory-max" in line for line in log), log)
            clients = [self.connect(zmq.REQ, broker.frontend) for _ in range(3)]
            for other in clients:
                other.send(b"%015d\n" % 1 * 60000)
            replies = zmq.Poller()
            for other in clients:
                replies.register(other, zmq.POLLIN)
            refused = replies.poll(20000)
            self.assertTrue(refused)
            self.assertRegex(refused[0][0].recv(), b"^error: busy the broker holds all the memory")

    def test_settings_that_are_wrong_change_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "dcalc.conf")
            with open(file, "w", encoding="utf-8") as config:
                config.write("[broker]\n")
            broker = self.start("--config", file)
            log = self.reload(broker, file, "[broker]\nlog-level = debug\nkeep = soon\n")
            broker.wait_for_log("dcalc.conf:3: keep: ")
            self.assertIn("settings are wrong, and stay as they were", log[0])
            self.connect(zmq.REQ, broker.frontend).send(b"1+1")
            broker.process.send_signal(signal.SIGUSR1)
            broker.wait_for_log("state ")
            self.assertFalse(any(" debug " in line for line in broker.log), broker.log)

    def test_it_ends_with_its_lifeline(self):
        theirs, ours = os.pipe()
        broker = self.start("--lifeline", str(theirs), pass_fds=[theirs])
        os.close(theirs)
        time.sleep(0.2)
        self.assertIsNone(broker.process.poll())
        os.close(ours)
        self.assertEqual(broker.wait(), 0)

    def test_its_state_can_be_asked_for(self):
        broker = self.start()
        self.worker(broker)
        broker.process.send_signal(signal.SIGUSR1)
        self.assertIn('"plain":1', broker.wait_for_log("state core="))
        self.assertRegex(broker.wait_for_log("state clients="),
                         r"clients=0 batches=0 jobs_waiting=0 jobs_running=0 jobs_forked=0 "
                         r"parts_open=0 jobs_answered=0 jobs_doubled=0 "
                         r"results_late=0 results_stale=0 slots_lost=0 memory_bytes=0 "
                         r"batches_kept=0 bytes_kept=0 bytes_to_store=0 viewers=0$")
        self.assertRegex(broker.wait_for_log("state jobs_failed="),
                         r"jobs_failed=0 jobs_per_second=0 wait_p50_ms=0.000 wait_p99_ms=0.000 "
                         r"lease_p50_ms=0.000 lease_p99_ms=0.000 "
                         r"answer_p50_ms=0.000 answer_p99_ms=0.000$")
        self.assertIn("connections=1 peers=1", broker.wait_for_log("state door=backend"))

    def test_debug_words_every_event(self):
        broker = self.start("--log-level", "debug")
        client = self.connect(zmq.REQ, broker.frontend)
        client.send(b"6*7")
        self.assertIn("data=3", broker.wait_for_log("c1 ask"))
        self.assertFalse([line for line in broker.log if "6*7" in line])

    def test_a_broker_without_work_sleeps(self):
        broker = self.start()

        def cpu_ticks():
            with open(f"/proc/{broker.process.pid}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            return int(fields[11]) + int(fields[12])
        start = cpu_ticks()
        time.sleep(1)
        self.assertLess(cpu_ticks() - start, 0.1 * os.sysconf("SC_CLK_TCK"))


class Plain(Case):
    def test_three_lines_are_a_client(self):
        broker = self.start()
        worker = self.worker(broker)
        client = self.connect(zmq.REQ, broker.frontend)
        client.send(b"6*7")
        address, empty, job = self.take_work(worker)
        self.assertEqual((len(address), empty, job), (8, b"", b"6*7"))
        worker.send_multipart([address, b"", b"42"])
        self.assertEqual(client.recv(), b"42")

    def test_a_plain_worker_has_one_job_at_a_time(self):
        broker = self.start()
        worker = self.worker(broker)
        client = self.connect(zmq.REQ, broker.frontend)
        client.send(b"1\n2\n3")
        for expected in [b"1", b"2", b"3"]:
            address, _, job = self.take_work(worker)
            self.assertEqual(job, expected)
            while worker.poll(20):
                self.assertEqual(worker.recv_multipart(), [b"\x02"])
            worker.send_multipart([address, b"", job * 2])
        self.assertEqual(client.recv(), b"11\n22\n33")

    def test_replies_come_in_the_order_of_requests(self):
        broker = self.start()
        workers = [self.worker(broker), self.connect(zmq.DEALER, broker.backend)]
        workers[1].send(b"\x01")
        broker.wait_for_log("id=s2")
        client = self.connect(zmq.DEALER, broker.frontend)
        client.send_multipart([b"", b"first"])
        client.send_multipart([b"", b"second"])
        taken = [self.take_work(worker) for worker in workers]
        self.assertEqual({job for _, _, job in taken}, {b"first", b"second"})
        for job in [b"second", b"first"]:
            at = 0 if taken[0][2] == job else 1
            workers[at].send_multipart([taken[at][0], b"", job])
        self.assertEqual(client.recv_multipart(), [b"", b"first"])
        self.assertEqual(client.recv_multipart(), [b"", b"second"])

    def test_plain_clients_are_told_that_the_address_is_for_workers(self):
        broker = self.start()
        client = self.connect(zmq.REQ, broker.backend)
        client.send(b"10 + 2 * 3")
        words = (f"error: wrong-address {broker.backend} is where the broker listens for workers; "
                 f"clients connect to {broker.frontend}").encode()
        self.assertEqual(client.recv(), words)
        dealer = self.connect(zmq.DEALER, broker.backend)
        dealer.send(b"10 + 2 * 3")  # without an empty frame
        self.assertEqual(dealer.recv_multipart(), [b"", words])

    def test_a_dealer_is_told_of_the_empty_frame(self):
        dealer = self.connect(zmq.DEALER, self.start().frontend)
        dealer.send(b"10 + 2 * 3")
        self.assertEqual(dealer.recv_multipart(), [
            b"", b"error: protocol no empty frame is in front, which REQ sends and a DEALER has to"])

    def test_workers_are_told_that_the_address_is_for_clients(self):
        broker = self.start()
        worker = self.connect(zmq.DEALER, broker.frontend)
        for sign in [[b"\x01"], [b"\x01", b"{}"], [b"\x02"]]:
            worker.send_multipart(sign)
            empty, words = worker.recv_multipart()
            self.assertEqual((empty, words.decode()), (
                b"", f"error: wrong-address {broker.frontend} is where the broker listens for "
                f"clients; workers connect to {broker.backend}"))

    def test_a_slot_of_another_version_is_told(self):
        worker = self.connect(zmq.DEALER, self.start().backend)
        worker.send_multipart([b"\x01", b'{"v":1,"session":"%s"}' % (b"7" * 32)])
        empty, words = worker.recv_multipart()
        self.assertEqual(empty, b"")
        self.assertRegex(words.decode(), r"^error: version the broker does not take this worker: "
                         r"it speaks version 1, not \d+$")

    def test_both_sides_hear_heartbeats(self):
        broker = self.start("--heartbeat", "200ms")
        worker = self.worker(broker)
        for _ in range(3):
            self.assertEqual(worker.recv_multipart(), [b"\x02"])
            worker.send(b"\x02")
        self.assertFalse([line for line in broker.log if "slot lost" in line])

    def test_a_silent_worker_is_lost_and_its_job_done_by_another(self):
        broker = self.start("--heartbeat", "100ms", "--liveness", "3")
        silent = self.worker(broker)
        client = self.connect(zmq.REQ, broker.frontend)
        client.send(b"6*7")
        self.take_work(silent)
        broker.wait_for_log("slot lost")
        other = self.connect(zmq.DEALER, broker.backend)
        other.send(b"\x01")
        address, _, job = self.take_work(other)
        other.send_multipart([address, b"", b"42"])
        self.assertEqual((job, client.recv()), (b"6*7", b"42"))

    def test_a_closed_connection_is_seen_at_once(self):
        broker = self.start("--heartbeat", "10s")
        worker = self.worker(broker)
        start = time.monotonic()
        worker.close()
        broker.wait_for_log("slot lost")
        self.assertLess(time.monotonic() - start, 5)


class Slot:
    """A slot of dcalc's, played here: it splits a job, and computes parts when it is told to."""

    LEASE, RESULT = 0x30, 0x40
    LAST, FORK = 1, 2
    CHILD, JOIN = 8, 16

    def __init__(self, socket):
        self.socket = socket
        self.socket.send_multipart([b"\x01", b'{"v":%d,"session":"%s","name":"w"}' % (WIRE_VERSION, b"7" * 32)])
        self.leases = []

    def read_table(self, table, data):
        """Keep the leases of a message: their id, their first job, flags and bytes."""
        while table:
            command, _, _, size = struct.unpack_from("<BBHI", table)
            if command == self.LEASE:
                number, first, _, _, flags, _, _ = struct.unpack_from("<QQIIBBI", table, 8)
                self.leases.append((number, first, flags, data[:size]))
            data, table = data[size:], table[8 + (30 if command == self.LEASE else 16):]

    def take_lease(self):
        """The next lease, in the order of their coming; heartbeats are answered meanwhile."""
        while not self.leases:
            frames = self.socket.recv_multipart()
            if frames == [b"\x02"]:
                self.socket.send_multipart([b"\x02", b"{}"])
            elif frames[0] == b"":
                self.read_table(*(frames[1:3] if len(frames) > 2 else (frames[1], b"")))
        return self.leases.pop(0)

    def beat_until(self, condition):
        end = time.monotonic() + 20
        while not condition():
            if time.monotonic() > end:
                raise AssertionError("it did not come true")
            self.socket.send_multipart([b"\x02", b"{}"])
            time.sleep(0.05)

    def answer(self, lease, data, flags=0):
        fields = struct.pack("<QQIIIBQ", lease[0], lease[1], 1, 0, 1000, self.LAST | flags, 1)
        self.socket.send_multipart([b"", head(self.RESULT, len(data)) + fields, data])

    def fork(self, lease, children, join):
        data = struct.pack("<I", len(children))
        data += b"".join(struct.pack("<QI", weight, len(part)) for weight, part in children)
        data += struct.pack("<I", len(join)) + b"".join(part for _, part in children) + join
        self.answer(lease, data, self.FORK)


class Forks(Case):
    def test_a_job_that_is_split_is_joined_and_seen_on_its_way(self):
        broker = self.start()
        slot = Slot(self.connect(zmq.DEALER, broker.backend))
        broker.wait_for_log("slot ready")
        client = subprocess.Popen([os.path.join(BIN, "dcalc-client"), "--broker", broker.frontend,
                                   "--progress", "json", "6*7"], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True)
        self.addCleanup(client.wait)
        self.addCleanup(client.kill)
        said = []
        reader = threading.Thread(target=lambda: said.extend(client.stderr))
        reader.start()
        slot.fork(slot.take_lease(), [(10, b"a"), (30, b"b")], b"join")
        first, second = slot.take_lease(), slot.take_lease()
        self.assertEqual([first[2:], second[2:]], [(slot.CHILD, b"a"), (slot.CHILD, b"b")])
        slot.answer(first, b"A\n\0")
        slot.beat_until(lambda: [line for line in said if '"terms_done":10,"terms":40' in line])
        status = subprocess.run([os.path.join(BIN, "dcalc-client"), "--broker", broker.frontend,
                                 "status", "b1"], capture_output=True, text=True, check=False)
        self.assertIn("1 job split, 1 part open", status.stdout)
        slot.answer(second, b"B")
        join = slot.take_lease()
        self.assertEqual(join[2:], (slot.JOIN, struct.pack("<III", 2, 3, 1) + b"A\n\0Bjoin"))
        slot.answer(join, b"42\n")
        self.assertEqual((client.stdout.read(), client.wait()), ("42\n", 0))
        reader.join()
        client.stdout.close()
        client.stderr.close()


if __name__ == "__main__":
    unittest.main()
