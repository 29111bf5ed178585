"""Garbage at the broker's ports: whatever comes, plain requests go on being answered."""

import os
import random
import re
import resource
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from detached import WIRE_VERSION, head  # noqa: E402

BIN = os.environ.get("DCALC_BIN", "build/release")
IS_SLOW = BIN.endswith(("asan", "tsan"))


class Broker:
    """A broker on ports of its own, with a plain Paranoid Pirate worker that says what it got."""

    def __init__(self):
        self.process = subprocess.Popen(
            [os.path.join(BIN, "dcalc-broker"), "--frontend", "tcp://127.0.0.1:*",
             "--backend", "tcp://127.0.0.1:*", "--data", "none"], stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        self.frontend, self.backend = re.search(r"frontend=(\S+) backend=(\S+)", line).groups()
        self.log = []
        self.context = zmq.Context()
        self.is_ending = threading.Event()
        self.threads = [threading.Thread(target=self.keep_log),
                        threading.Thread(target=self.work)]
        for thread in self.threads:
            thread.start()

    def keep_log(self):
        self.log.extend(self.process.stderr)

    def work(self):
        worker = self.context.socket(zmq.DEALER)
        worker.linger = 0
        worker.connect(self.backend)
        worker.send(b"\x01")
        beat = time.monotonic()
        while not self.is_ending.is_set():
            if worker.poll(100):
                frames = worker.recv_multipart()
                if len(frames) == 3:
                    worker.send_multipart([frames[0], b"", b"<" + frames[2] + b">"])
            if time.monotonic() - beat > 0.5:
                beat = time.monotonic()
                worker.send(b"\x02")
        worker.close()

    def close(self):
        self.is_ending.set()
        self.process.terminate()
        status = self.process.wait(10)
        for thread in self.threads:
            thread.join()
        self.process.stderr.close()
        self.context.destroy(linger=0)
        return status

    def memory_bytes(self):
        with open(f"/proc/{self.process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()


class Garbage(unittest.TestCase):
    def setUp(self):
        self.broker = Broker()
        self.random = random.Random(1)
        self.client = self.broker.context.socket(zmq.REQ)
        self.client.rcvtimeo = 20000
        self.client.connect(self.broker.frontend)
        self.addCleanup(self.end)
        self.check_alive()

    def end(self):
        self.client.close(linger=0)
        self.assertEqual(self.broker.close(), 0)

    def check_alive(self):
        """A request is answered, rightly."""
        job = b"%d" % self.random.randrange(10 ** 9)
        self.client.send(job)
        self.assertEqual(self.client.recv(), b"<" + job + b">")
        self.assertIsNone(self.broker.process.poll())

    def dealer(self, url):
        dealer = self.broker.context.socket(zmq.DEALER)
        dealer.linger = 1000
        dealer.connect(url)
        self.addCleanup(dealer.close)
        return dealer

    def urls(self):
        return [self.broker.frontend, self.broker.backend]

    def addresses(self):
        return [("127.0.0.1", int(url.rsplit(":", 1)[1])) for url in self.urls()]

    def test_endless_questions_hold_nobody_up(self):
        def message(count):
            question = b'{"what":"stats"}'
            record = head(0x17, len(question)) + struct.pack("<I", 1)
            return [b"DC1", record * count, question * count]

        curious, greedy = self.dealer(self.broker.frontend), self.dealer(self.broker.frontend)
        for _ in range(1000):
            curious.send_multipart(message(16))
        for _ in range(100):  # some minutes' work
            greedy.send_multipart(message(4096))
        greedy.rcvtimeo = 20000
        self.assertIn(b"too many questions", b"".join(greedy.recv_multipart()))
        for _ in range(10):
            self.check_alive()
        curious.close(linger=0)
        greedy.close(linger=0)

    def test_random_bytes_on_raw_connections(self):
        for address in self.addresses():
            for size in [0, 1, 10, 64, 1000, 100000]:
                with socket.create_connection(address) as raw:
                    try:
                        raw.sendall(self.random.randbytes(size))
                    except OSError:
                        pass  # it may be thrown out before it is done
            self.check_alive()

    def test_a_greeting_followed_by_random_bytes(self):
        greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16) + bytes(32)
        ready = b"\x04\x1c\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"
        for address in self.addresses():
            for start in [greeting, greeting + ready]:
                with socket.create_connection(address) as raw:
                    raw.settimeout(20)
                    raw.sendall(start)
                    said = b""
                    while start != greeting and b"ROUTER" not in said:
                        more = raw.recv(4096)
                        self.assertTrue(more, "the handshake is right")
                        said += more
                    try:
                        raw.sendall(self.random.randbytes(5000))
                    except OSError:
                        pass
            self.check_alive()

    def test_random_frames(self):
        beginnings = [[], [b""], [b"DC1"], [b"\x01"], [b"\x02"], [b"", b""], [bytes(8), b""]]
        for url in self.urls():
            dealer = self.dealer(url)
            for _ in range(2000):
                frames = list(self.random.choice(beginnings))
                for _ in range(self.random.randrange(1, 13)):
                    frames.append(self.random.randbytes(self.random.choice([0, 1, 8, 30, 200])))
                dealer.send_multipart(frames)
            self.check_alive()

    def test_frames_of_every_size_up_to_the_limit(self):
        for url in self.urls():
            for size in [2 ** 16, 2 ** 18 + 1, 2 ** 20]:
                for first in [b"", b"DC1", b"\x01"]:
                    self.dealer(url).send_multipart([first, bytes(size)])
            self.dealer(url).send_multipart([b"", bytes(2 ** 20 + 1)])
            self.check_alive()

    def test_messages_of_ten_thousand_frames(self):
        for url in self.urls():
            for first in [b"", b"DC1", b"\x01"]:
                self.dealer(url).send_multipart([first] + [b"x"] * 10000)
            self.check_alive()

    def test_a_client_that_errs_is_told(self):
        dealer = self.dealer(self.broker.frontend)
        dealer.rcvtimeo = 10000
        dealer.send_multipart([b"DC1", b"\x11\x00"])
        magic, table, text = dealer.recv_multipart()
        self.assertEqual((magic, table[:1], text), (b"DC1", b"\x23", b"a record that is cut short"))
        dealer.send_multipart([b"", b"1", b"2"])
        empty, text = dealer.recv_multipart()
        self.assertEqual(empty, b"")
        self.assertRegex(text, b"^error: protocol [a-z ]+$")

    def test_a_stranger_among_workers_is_not_answered(self):
        dealer = self.dealer(self.broker.backend)
        for frames in [[b"\x07"], [b"", b"hel\0o"], [bytes(8), b"", b"hello"], [b"\x02"]]:
            dealer.send_multipart(frames)
        self.check_alive()
        self.assertFalse(dealer.poll(300))

    def test_complaints_do_not_flood_the_log(self):
        dealer = self.dealer(self.broker.frontend)
        start = time.monotonic()
        for _ in range(20000):
            dealer.send_multipart([b"DC1", b"garbage"])
        self.check_alive()
        self.check_alive()
        seconds = time.monotonic() - start
        lines = [line for line in self.broker.log if "not understood" in line]
        self.assertGreaterEqual(len(lines), 1)
        self.assertLessEqual(len(lines), seconds + 2)

    def test_workers_that_come_and_go_do_not_flood_the_log(self):
        """Each READY of the same slot ends a session and begins one, which are a line each."""
        dealer = self.dealer(self.broker.backend)
        start = time.monotonic()
        for _ in range(5000):
            dealer.send_multipart([b"\x01", b'{"v":%d,"session":"%s"}' % (WIRE_VERSION, b"7" * 32)])
        dealer.close()
        while not any("lines left out" in line for line in self.broker.log):
            self.check_alive()
            self.dealer(self.broker.backend).send_multipart([b"\x01", b"{}"])
            self.assertLess(time.monotonic() - start, 30)
            time.sleep(0.3)
        seconds = time.monotonic() - start
        lines = [line for line in self.broker.log if "slot " in line]
        self.assertLessEqual(len(lines), 1000 + seconds + 2)

    def send_endlessly(self, frame, bytes_max):
        """Send one message of many such frames; true if we were thrown out for it."""
        greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16) + bytes(32)
        ready = b"\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"
        with socket.create_connection(self.addresses()[0]) as raw:
            raw.settimeout(60)
            sent = 0
            try:
                raw.sendall(greeting)
                raw.sendall(b"\x04" + bytes([len(ready)]) + ready)
                heard = b""  # their greeting, of 64 bytes, and READY behind it, in any pieces
                while b"ROUTER" not in heard:
                    part = raw.recv(1000)
                    self.assertTrue(part)
                    heard += part
                while sent < bytes_max:
                    raw.sendall(frame)
                    sent += len(frame)
                    self.peak = max(self.peak, self.broker.memory_bytes())
            except (ConnectionResetError, BrokenPipeError):
                return True
        return False

    @unittest.skipIf(IS_SLOW, "memory is not what is measured with a sanitizer")
    def test_an_endless_message_is_cut_off(self):
        self.peak = 0
        small = b"\x01\x01x" * 20000  # libzmq makes 64 bytes of each
        large = b"\x03" + (2 ** 20).to_bytes(8, "big") + bytes(2 ** 20)
        for frame in [small, large]:
            self.assertTrue(self.send_endlessly(frame, 2 ** 32))
            self.check_alive()
        self.assertLess(self.peak, 2 ** 30)
        self.assertTrue(any("endless messages" in line for line in self.broker.log))

    def test_a_large_backlog_is_no_endless_message(self):
        """Who sends much, in whole messages, waits its turn and is answered."""
        dealer = self.dealer(self.broker.frontend)
        dealer.rcvtimeo = 20000
        job = b"1" * 60000
        for _ in range(300):
            dealer.send_multipart([b"", job])
        for _ in range(300):
            self.assertEqual(dealer.recv_multipart(), [b"", b"<" + job + b">"])


if __name__ == "__main__":
    unittest.main()
