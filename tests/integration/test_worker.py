"""A worker and its slots, against a broker that is played here, frame by frame."""

import json
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from detached import WIRE_VERSION, head  # noqa: E402

BIN = os.environ.get("DCALC_BIN", "build/release")
IS_SANITIZED = BIN.endswith(("asan", "tsan"))

TRIM, LEASE, DRAIN, WHO = 0x31, 0x30, 0x32, 0x50
RESULT, GOODBYE, OBITUARY = 0x40, 0x41, 0x42
FIELDS = {RESULT: "<QQIIIBQ", GOODBYE: "<B", OBITUARY: "<16sQQIIB"}
LAST, LEAVING, CRASH = 1, 1, 1

# Each function calls the one before twice: 2^40 steps.
LONG = "f0(x)=x+x;" + "".join(f"f{i}(x)=f{i-1}(f{i-1}(x));" for i in range(1, 41)) + "f40(1)"

# The same, without limits of time and steps.
NO_LIMITS = b'{"v":1,"timeout_ms":3600000,"steps_max":1000000000000000000}'


def lease(number, first, lines, program=0, flags=0):
    data = "".join(line + "\n" for line in lines).encode()
    return head(LEASE, len(data), program) + struct.pack("<QQIIBBI", number, first, len(lines), 0, flags, 1, 0), data


def cpu_seconds(process):
    """How much time of a processor a process has used."""
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
        words = file.read().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


class Slot:
    """What the broker knows of a slot: its routing id, what it said."""

    def __init__(self, routing_id, ready):
        self.id = routing_id
        self.ready = ready
        self.readies = 1
        self.beats = []
        self.pieces = []
        self.goodbyes = []

    @property
    def pid(self):
        return self.ready["pid"]

    def results(self, number):
        return b"".join(piece["data"] for piece in self.pieces if piece["id"] == number)

    def is_done(self, number):
        return any(piece["id"] == number and piece["flags"] & LAST for piece in self.pieces)


class Broker:
    """The broker's side of the backend: a ROUTER that keeps what it hears, and beats."""

    def __init__(self, url):
        self.context = zmq.Context()
        self.url = url
        self.slots = {}
        self.obituaries = []
        self.is_silent = False
        self.open()

    def open(self):
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.bind(self.url)
        self.next_beat = 0

    def close(self):
        self.socket.close(linger=0)

    def destroy(self):
        self.close()
        self.context.destroy(linger=0)

    def send(self, slot, *frames):
        self.socket.send_multipart([slot.id, *frames])

    def command(self, slot, command, fields=b""):
        self.send(slot, b"", head(command) + fields)

    def lease(self, slot, number, first, lines, program=None):
        table, data = lease(number, first, lines, 1 if program else 0)
        self.send(slot, b"", table, data, *([program] if program else []))

    def read(self, frames):
        sender, first = frames[0], frames[1]
        if first == b"\x01":
            ready = json.loads(frames[2])
            if sender in self.slots:
                self.slots[sender].readies += 1
            else:
                self.slots[sender] = Slot(sender, ready)
        elif first == b"\x02":
            if sender in self.slots:
                self.slots[sender].beats.append(json.loads(frames[2]))
        elif first == b"":
            self.read_table(sender, frames[2], frames[3] if len(frames) > 3 else b"")
        else:
            raise AssertionError(f"unexpected frames {frames}")

    def read_table(self, sender, table, data):
        while table:
            command, _, _, size = struct.unpack_from("<BBHI", table)
            form = FIELDS[command]
            values = struct.unpack_from(form, table, 8)
            table = table[8 + struct.calcsize(form):]
            mine, data = data[:size], data[size:]
            slot = self.slots.get(sender)
            if command == RESULT:
                names = ("id", "first", "count", "faults_bytes", "spent_us", "flags", "steps")
                piece = dict(zip(names, values), at=time.monotonic())
                piece["data"] = mine[piece["faults_bytes"]:]
                slot.pieces.append(piece)
            elif command == GOODBYE:
                slot.goodbyes.append((values[0], list(struct.unpack(f"<{size // 8}Q", mine))))
            else:
                names = ("session", "id", "first", "count", "signal", "flags")
                self.obituaries.append(dict(zip(names, values)))

    def turn(self):
        if self.socket.poll(20):
            self.read(self.socket.recv_multipart())
        if not self.is_silent and time.monotonic() >= self.next_beat:
            self.next_beat = time.monotonic() + 0.2
            for slot in self.slots.values():
                self.send(slot, b"\x02")

    def wait(self, condition, what, seconds=20):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain for {what}")
            self.turn()

    def run(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.turn()

    def wait_for_slots(self, count):
        self.wait(lambda: len(self.slots) >= count, f"{count} slots")
        return list(self.slots.values())


class Worker(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.url = f"ipc://{self.folder.name}/backend"
        self.broker = Broker(self.url)
        self.addCleanup(self.broker.destroy)
        self.process = None

    def start(self, *options, slots=1, **more):
        self.process = subprocess.Popen(
            [os.path.join(BIN, "dcalc-worker"), "-b", self.url, "-j", str(slots),
             "--heartbeat", "200ms", "--liveness", "20", "--reconnect", "300ms", *options],
            stderr=subprocess.PIPE, text=True, **more)
        self.addCleanup(self.end)
        return self.broker.wait_for_slots(slots)

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def finish(self, seconds=20):
        """Wait for the worker's end; returns its status."""
        self.broker.wait(lambda: self.process.poll() is not None, "the worker's end", seconds)
        self.broker.run(0.2)  # what it said last may still be in the socket
        return self.process.returncode

    # --- sessions ---

    def test_ready_says_who_it_is(self):
        slot, other = self.start("--name", "alpha", "--tag", "big", "--tag", "near", slots=2)
        ready = slot.ready
        self.assertEqual(ready["v"], WIRE_VERSION)
        self.assertTrue(re.fullmatch("[0-9a-f]{32}", ready["session"]))
        self.assertNotEqual(ready["session"], other.ready["session"])
        self.assertEqual((ready["name"], ready["tags"]), ("alpha", ["big", "near"]))
        self.assertEqual(ready["engine"], "1")
        self.assertEqual({slot.ready["slot"], other.ready["slot"]}, {0, 1})
        self.assertNotEqual(slot.pid, self.process.pid)
        self.assertGreater(ready["limits"]["memory"], 0)

    def test_without_a_name_it_is_called_after_host_and_process(self):
        slot, = self.start()
        self.assertEqual(slot.ready["name"], f"{os.uname().nodename}-{self.process.pid}")

    def test_who_is_answered_by_ready(self):
        slot, = self.start()
        self.broker.lease(slot, 7, 0, [LONG], NO_LIMITS)
        self.broker.command(slot, WHO)
        self.broker.wait(lambda: slot.readies == 2, "READY again")
        # The former lease is forgotten, the long job with it: the next one is computed at once.
        self.broker.lease(slot, 8, 0, ["1"] * 1000)
        self.broker.wait(lambda: slot.is_done(8), "the next lease")
        self.assertFalse(slot.is_done(7))

    def test_a_burst_of_who_is_answered_once(self):
        slot, = self.start()
        self.broker.wait(lambda: slot.beats, "a session")
        for _ in range(20):
            self.broker.command(slot, WHO)
        self.broker.lease(slot, 7, 0, ["6*7"])
        self.broker.wait(lambda: slot.is_done(7), "a result")
        self.broker.run(0.5)
        self.assertEqual(slot.readies, 2)

    def test_a_silent_broker_is_left_and_found_again(self):
        slot, = self.start("--liveness", "3")
        self.broker.is_silent = True
        self.broker.wait(lambda: len(self.broker.slots) == 2, "a new session")
        again = [other for other in self.broker.slots.values() if other is not slot][0]
        self.assertEqual(again.pid, slot.pid)
        self.assertEqual(again.ready["session"], slot.ready["session"])

    def test_a_broker_that_was_away_is_found_again(self):
        slot, = self.start()
        self.broker.close()
        time.sleep(1.5)
        self.broker.slots.clear()
        self.broker.open()
        again, = self.broker.wait_for_slots(1)
        self.assertEqual(again.pid, slot.pid)
        self.broker.lease(again, 7, 0, ["6*7"])
        self.broker.wait(lambda: again.is_done(7), "a result")
        self.assertEqual(again.results(7), b"42\n")

    def test_a_broker_is_found_again_by_its_name_over_tcp(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"tcp://localhost:{port}"
        self.broker.destroy()
        self.broker = Broker(f"tcp://127.0.0.1:{port}")
        self.addCleanup(self.broker.destroy)
        slot, = self.start("--liveness", "3")
        self.broker.close()
        time.sleep(2)
        self.broker.slots.clear()
        self.broker.open()
        again, = self.broker.wait_for_slots(1)
        self.assertEqual(again.pid, slot.pid)

    def test_nonsense_ends_the_session(self):
        slot, = self.start()
        self.broker.send(slot, b"", b"\x99" * 13, b"x")
        self.broker.wait(lambda: len(self.broker.slots) == 2, "a new session")
        self.assertIsNone(self.process.poll())

    def test_who_is_refused_says_so_and_tries_again(self):
        slot, = self.start()
        self.broker.send(slot, b"", b"error: version it speaks version 6, not 7")
        self.broker.wait(lambda: len(self.broker.slots) == 2, "a new session")
        line = next(line for line in self.process.stderr if "refused" in line)
        self.assertIn(" error refused slot=0 error: version it speaks version 6, not 7", line)

    def test_at_the_address_for_clients_it_ends(self):
        self.start()
        self.broker.send(self.broker.wait_for_slots(1)[0], b"", b"error: wrong-address for clients")
        self.assertEqual(self.finish(), 64)
        self.assertIn("refused slot=0 error: wrong-address for clients", self.process.stderr.read())

    def test_where_nobody_answers_it_says_so_and_where(self):
        self.broker.is_silent = True
        self.start("--liveness", "3")
        line = next(line for line in self.process.stderr if "no broker answers" in line)
        self.assertIn(" warn no broker answers hint=\"is dcalc-broker running, and is this its --backend?\" ", line)
        self.assertTrue(line.endswith(f" slot=0 backend={self.url}\n"), line)

    def test_the_next_broker_is_tried(self):
        other = Broker(f"ipc://{self.folder.name}/other")
        self.addCleanup(other.destroy)
        self.start("-b", other.url, "--liveness", "3")
        self.broker.is_silent = True
        other.wait(lambda: other.slots, "the slot at the other broker")

    def test_a_name_that_is_not_found_costs_nobody_the_other_brokers(self):
        slot, = self.start("-b", "tcp://no..such:1", "--liveness", "3")
        self.broker.lease(slot, 7, 0, ["6*7"])
        self.broker.wait(lambda: slot.is_done(7), "a result")
        left_out = " warn backend left out slot=0 backend=tcp://no..such:1 why=the name no..such is not found: "
        self.assertIn(left_out, next(line for line in self.process.stderr if "left out" in line))
        # It is looked up again where nobody else answers, by a slot that is not locked down yet.
        self.broker.is_silent = True
        next(line for line in self.process.stderr if " info slot looks names up again slot=0" in line)
        self.assertIn(left_out, next(line for line in self.process.stderr if "left out" in line))

    # --- leases ---

    def test_leases_are_answered_in_order_and_complete(self):
        slot, = self.start()
        count = 0
        for number in range(1, 101):
            size = 1 if number % 2 else 2000
            self.broker.lease(slot, number, count, [f"{i}+0.5" for i in range(size)])
            count += size
        self.broker.wait(lambda: slot.is_done(100), "the last lease")
        for number in range(1, 101):
            size = 1 if number % 2 else 2000
            expected = "".join(f"{i + 0.5:g}\n" if i < 100000 else "" for i in range(size))
            self.assertEqual(slot.results(number).decode(), expected)

    def test_a_tiny_lease_does_not_wait_for_a_long_one(self):
        slot, = self.start()
        self.broker.lease(slot, 7, 100, [LONG], NO_LIMITS)
        time.sleep(0.3)  # the evaluating thread is at it
        self.broker.lease(slot, 8, 200, ["6*7", "7*7"])
        self.broker.wait(lambda: slot.is_done(8), "the tiny one's results")
        self.assertEqual(slot.results(8), b"42\n49\n")
        self.assertFalse(slot.is_done(7))

    def test_many_leases_in_one_message(self):
        slot, = self.start()
        parts = [lease(number, number, [f"{number}*2"]) for number in range(1, 1001)]
        self.broker.send(slot, b"", b"".join(part[0] for part in parts),
                         b"".join(part[1] for part in parts))
        self.broker.wait(lambda: all(slot.is_done(n) for n in range(1, 1001)), "1000 leases")
        for number in range(1, 1001):
            self.assertEqual(slot.results(number), b"%d\n" % (number * 2))

    def test_a_job_of_an_hour_holds_nothing_back(self):
        slot, = self.start()
        self.broker.lease(slot, 7, 0, ["1", "2", LONG, "4"], NO_LIMITS)
        sent = time.monotonic()
        self.broker.wait(lambda: slot.pieces, "what was finished before")
        if not IS_SANITIZED:
            self.assertLess(slot.pieces[0]["at"] - sent, 0.25)
        beats = len(slot.beats)
        self.broker.run(2)
        self.assertGreaterEqual(len(slot.beats) - beats, 7)  # ten, less a few for a slow machine
        self.assertEqual(slot.results(7), b"1\n2\n")
        self.broker.command(slot, TRIM, struct.pack("<QQ", 7, 2))
        self.broker.wait(lambda: slot.is_done(7), "the end of the lease")
        self.assertEqual(slot.results(7), b"1\n2\n")
        self.broker.lease(slot, 8, 0, ["1"] * 100)
        self.broker.wait(lambda: slot.is_done(8), "the next lease")

    def test_a_big_job_fails_alone(self):
        slot, = self.start("--max-memory", "64M")
        deep = "(" * 10000 + "1" + ")" * 10000
        self.broker.lease(slot, 7, 0, ["1", "x" * 65537, deep, "1 + * 2", "2"])
        self.broker.wait(lambda: slot.is_done(7), "the lease")
        lines = slot.results(7).decode().splitlines()
        self.assertEqual([lines[0], lines[4]], ["1", "2"])
        self.assertEqual(lines[1:4], ["error: too-long", "error: too-deep", "error: syntax"])

    # --- deaths ---

    def test_a_killed_slot_is_buried_and_replaced(self):
        slot, other = self.start(slots=2)
        os.kill(slot.pid, signal.SIGKILL)
        self.broker.wait(lambda: self.broker.obituaries, "the obituary")
        self.broker.wait_for_slots(3)
        obituary, = self.broker.obituaries
        self.assertEqual(obituary["session"].hex(), slot.ready["session"])
        self.assertEqual((obituary["signal"], obituary["flags"]), (signal.SIGKILL, 0))
        new = list(self.broker.slots.values())[2]
        self.assertNotIn(new.pid, (slot.pid, other.pid))
        self.assertNotIn(new.ready["session"], (slot.ready["session"], other.ready["session"]))

    def test_an_obituary_names_the_job_that_crashed_the_slot(self):
        slot, = self.start()
        self.broker.lease(slot, 7, 100, ["1", "2", LONG, "4"], NO_LIMITS)
        self.broker.wait(lambda: slot.pieces, "what was finished before")
        time.sleep(0.5)  # the evaluating thread takes over the rest
        os.kill(slot.pid, signal.SIGSEGV)
        self.broker.wait(lambda: self.broker.obituaries, "the obituary")
        obituary, = self.broker.obituaries
        self.assertEqual(obituary["session"].hex(), slot.ready["session"])
        self.assertEqual((obituary["id"], obituary["first"], obituary["count"]), (7, 102, 1))
        self.assertEqual((obituary["signal"], obituary["flags"]), (signal.SIGSEGV, CRASH))

    def crash(self, lines, index):
        slot, = self.start()
        self.broker.lease(slot, 7, 100, lines)
        self.broker.wait(lambda: slot.is_done(7) or self.broker.obituaries, "an end")
        if slot.is_done(7):
            self.skipTest("this build has no hook to crash by")
        obituary, = self.broker.obituaries
        self.assertEqual((obituary["id"], obituary["first"]), (7, index))
        self.assertEqual((obituary["signal"], obituary["flags"]), (signal.SIGSEGV, CRASH))
        self.broker.wait_for_slots(2)

    def test_a_job_that_crashes_is_named(self):
        self.crash(["1"] * 50 + ["__crash()"] + ["1"] * 50, 150)

    def test_a_tiny_lease_that_crashes_is_named(self):
        self.crash(["1", "__crash()"], 101)

    def test_a_tiny_lease_that_crashes_beside_a_long_one_is_named(self):
        slot, = self.start()
        self.broker.lease(slot, 6, 300, [LONG], NO_LIMITS)
        time.sleep(0.3)
        self.broker.lease(slot, 7, 100, ["1", "__crash()"])
        self.broker.wait(lambda: slot.is_done(7) or self.broker.obituaries, "an end")
        if slot.is_done(7):
            self.skipTest("this build has no hook to crash by")
        obituary, = self.broker.obituaries
        self.assertEqual((obituary["id"], obituary["first"], obituary["count"]), (7, 101, 1))

    def test_what_escapes_its_budget_is_ended_by_the_kernel(self):
        slot, = self.start()
        self.broker.lease(slot, 7, 0, ["1", LONG], NO_LIMITS)
        self.broker.wait(lambda: slot.pieces, "what was finished before")
        self.broker.run(0.3)  # it is at the same job for some ticks, so its time is not extended
        resource.prlimit(slot.pid, resource.RLIMIT_CPU, (1, resource.RLIM_INFINITY))
        self.broker.wait(lambda: self.broker.obituaries, "the obituary")
        obituary, = self.broker.obituaries
        self.assertEqual((obituary["id"], obituary["first"]), (7, 1))
        self.assertEqual((obituary["signal"], obituary["flags"]), (signal.SIGXCPU, CRASH))

    def test_a_slot_that_dies_young_is_started_again_after_pauses(self):
        self.start()
        deaths = 0
        begin = time.monotonic()
        while deaths < 11:
            self.broker.wait_for_slots(deaths + 1)
            os.kill(list(self.broker.slots.values())[deaths].pid, signal.SIGKILL)
            deaths += 1
            self.broker.wait(lambda: len(self.broker.obituaries) == deaths, "the obituary")
        self.broker.wait_for_slots(deaths + 1)
        # Eight at once, then after 100, 200 and 400 ms.
        self.assertGreaterEqual(time.monotonic() - begin, 0.7)

    def test_slots_die_with_their_supervisor(self):
        slots = self.start(slots=2)
        self.process.kill()
        self.process.wait()
        for slot in slots:
            self.broker.wait(lambda: not os.path.exists(f"/proc/{slot.pid}"), "a slot's end")

    def test_the_end_of_the_lifeline_is_the_end(self):
        mine, its = os.pipe()
        slot, = self.start("--lifeline", str(mine), pass_fds=[mine])
        os.close(mine)
        os.close(its)
        self.assertEqual(self.finish(), 0)
        self.assertFalse(os.path.exists(f"/proc/{slot.pid}"))

    # --- leaving ---

    def test_sigterm_drains(self):
        slot, = self.start()
        self.broker.lease(slot, 7, 0, [LONG], NO_LIMITS)
        self.broker.lease(slot, 8, 1, ["1"] * 100)
        self.broker.run(0.3)
        self.process.terminate()
        self.broker.wait(lambda: slot.goodbyes, "GOODBYE")
        self.assertEqual(slot.goodbyes[0], (0, [8]))
        self.assertIsNone(self.process.poll())
        self.broker.command(slot, TRIM, struct.pack("<QQ", 7, 0))
        self.assertEqual(self.finish(), 0)
        self.assertTrue(slot.is_done(7))
        self.assertEqual(slot.goodbyes[-1], (LEAVING, []))
        self.assertEqual(self.broker.obituaries, [])

    def test_draining_ends_in_time(self):
        slot, = self.start("--drain", "500ms")
        self.broker.lease(slot, 7, 0, [LONG], NO_LIMITS)
        self.broker.run(0.3)
        self.process.terminate()
        self.assertEqual(self.finish(), 0)
        self.assertEqual(slot.goodbyes[-1], (LEAVING, [7]))

    def test_a_second_sigterm_does_not_wait(self):
        slot, = self.start()
        self.broker.lease(slot, 7, 0, [LONG], NO_LIMITS)
        self.broker.run(0.3)
        self.process.terminate()
        self.broker.run(0.7)
        self.assertIsNone(self.process.poll())
        self.process.terminate()
        self.assertEqual(self.finish(5), 0)
        self.assertEqual(slot.goodbyes[-1], (LEAVING, [7]))

    def test_a_slot_that_is_lost_meanwhile_costs_its_supervisor_no_time(self):
        slots = self.start(slots=2)
        for number, slot in enumerate(slots):
            self.broker.lease(slot, 7 + number, number, [LONG], NO_LIMITS)
        self.broker.run(0.3)
        self.process.terminate()
        self.broker.wait(lambda: all(slot.goodbyes for slot in slots), "GOODBYE")
        os.kill(slots[0].pid, signal.SIGKILL)
        self.broker.wait(lambda: self.broker.obituaries, "the obituary")
        used = cpu_seconds(self.process)
        self.broker.run(1)
        self.assertLess(cpu_seconds(self.process) - used, 0.1)
        self.assertIsNone(self.process.poll())

    def test_the_broker_can_drain_it(self):
        slots = self.start(slots=2)
        for slot in slots:
            self.broker.command(slot, DRAIN)
        self.assertEqual(self.finish(), 0)

    def test_an_idle_worker_leaves_when_told_so(self):
        slot, = self.start("--idle-exit", "500ms")
        self.assertEqual(self.finish(), 0)
        self.assertEqual(slot.goodbyes, [(LEAVING, [])])

    # --- the sandbox ---

    @unittest.skipIf(IS_SANITIZED, "sanitizers need what the sandbox takes away")
    def test_slots_are_locked_down(self):
        slot, = self.start("--max-memory", "256M")
        with open(f"/proc/{slot.pid}/status", encoding="ascii") as file:
            status = dict(line.split(":", 1) for line in file)
        self.assertEqual(status["Seccomp"].strip(), "2")
        self.assertEqual(status["NoNewPrivs"].strip(), "1")
        with open(f"/proc/{slot.pid}/limits", encoding="ascii") as file:
            limits = file.read()
        self.assertRegex(limits, r"Max core file size +0 +0 ")
        self.assertRegex(limits, r"Max file size +0 +0 ")
        self.assertRegex(limits, r"Max open files +64 +64 ")
        memory = int(re.search(r"Max address space +(\d+)", limits)[1])
        self.assertLess(memory, 1 << 30)
        self.broker.run(0.3)
        with open(f"/proc/{slot.pid}/limits", encoding="ascii") as file:
            self.assertRegex(file.read(), r"Max cpu time +\d+ +unlimited")

    def test_slots_inherit_no_descriptors(self):
        mine, its = os.pipe()
        self.addCleanup(os.close, mine)
        self.addCleanup(os.close, its)
        slot, = self.start(pass_fds=[its])
        folder = f"/proc/{slot.pid}/fd"
        if not os.access(folder, os.R_OK):
            self.skipTest("only root may look into a process that cannot be dumped")
        mine_is = os.readlink(f"/proc/self/fd/{its}")
        self.assertNotIn(mine_is, [os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder)])

    # --- the command line ---

    def run_worker(self, *arguments, **environment):
        return subprocess.run([os.path.join(BIN, "dcalc-worker"), *arguments], text=True,
                              capture_output=True, env={**os.environ, **environment},
                              timeout=20, check=False)

    def test_help_and_version_need_no_broker(self):
        done = self.run_worker("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("--max-memory", done.stdout)
        self.assertNotIn("--lifeline", done.stdout)
        self.assertEqual(self.run_worker("-V").returncode, 0)

    def test_wrong_usage_is_64(self):
        self.assertEqual(self.run_worker("--slots", "0").returncode, 64)
        self.assertEqual(self.run_worker("extra").returncode, 64)
        self.assertEqual(self.run_worker("--slot").returncode, 64)

    def test_an_address_that_is_none_is_told(self):
        for url in ("nonsense", "tcp://", "tcp://127.0.0.1:99999"):
            done = self.run_worker("-b", url, "-j", "2")
            self.assertEqual((done.stderr, done.returncode),
                             (f"dcalc-worker: --backend: '{url}' is not an address such as "
                              "tcp://HOST:PORT or ipc:///path\n", 64))

    def test_the_environment_counts(self):
        done = self.run_worker(DCALC_WORKER_SLOTS="none")
        self.assertEqual(done.returncode, 78)


if __name__ == "__main__":
    unittest.main()
