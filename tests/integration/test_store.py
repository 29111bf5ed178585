"""Detached batches with real processes: whoever dies, what has a receipt is there, once and rightly."""

import contextlib
import json
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

import zmq

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../.."))
from tests.lib import detached as wire, store
from tests.lib.cluster import Cluster, end_client, program, wait_until
from tests.lib.document import ROOT

KILLS = 50
CHUNKS, CHUNK_JOBS = 4, 50
STORE_FULL, STORE_LOCKED, BUSY = 73, 78, 65


def memory(process):
    """How much of it a process uses, in MiB."""
    with open(f"/proc/{process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") >> 20


class Batch:
    """A batch of known jobs under a key of its own, and how far it has come."""

    def __init__(self, key):
        self.key, self.number, self.is_kept, self.session = key, None, False, 0
        self.committed = set()

    def records(self):
        """What is to be sent of it, again or for the first time."""
        self.session += 1
        yield wire.open_record(self.key, self.key, session=self.session)
        for first in range(0, CHUNKS * CHUNK_JOBS, CHUNK_JOBS):
            yield wire.chunk_record(self.key, first, [f"{self.key}+{first + i}"
                                                      for i in range(CHUNK_JOBS)])
        yield wire.record(wire.CLOSE, self.key, CHUNKS * CHUNK_JOBS)

    def results(self):
        return {i: str(self.key + i) for i in range(CHUNKS * CHUNK_JOBS)}


class Detached(unittest.TestCase):
    def setUp(self):
        self.context = zmq.Context()
        self.addCleanup(self.context.destroy, 0)
        self.data = tempfile.mkdtemp(prefix="dcalc-test-data-")
        self.addCleanup(shutil.rmtree, self.data, True)

    def session(self, cluster):
        session = wire.Session(self.context, cluster.frontend)
        self.addCleanup(session.close)
        return session

    def hear(self, session, batches, timeout_ms):
        """Note what the broker says of batches until nothing comes for a while."""
        for command, values, _ in session.receive(timeout_ms):
            batch = batches.get(values[0]) if values else None
            if command == wire.REFUSED:
                self.fail(f"refused with {values}")
            if not batch:
                continue
            if command == wire.OPENED:
                if batch.number is not None:
                    # Where there is a receipt for some of it, it is the same batch still.
                    self.assertTrue(batch.number == values[1] or not batch.committed)
                batch.number = values[1]
            elif command == wire.RECEIPT:
                batch.committed.update(range(values[1], values[2]))
                batch.is_kept |= values[3] == wire.RECEIPT_CLOSED

    def submit(self, session, batches):
        for batch in batches.values():
            if not batch.is_kept:
                session.send(*batch.records())

    def keep(self, cluster, batches):
        """Send what the broker has given no receipt for, until it has; the session."""
        session = self.session(cluster)
        self.submit(session, batches)
        wait_until(lambda: self.hear(session, batches, 100) or
                   all(batch.is_kept for batch in batches.values()), "all are kept")
        return session

    def check_all(self, cluster, batches):
        session = self.session(cluster)
        self.assertEqual(len({batch.number for batch in batches.values()}), len(batches))
        for handle, batch in enumerate(batches.values(), 1000):
            results, error = wire.fetch(session, batch.number, handle=handle)
            self.assertEqual(error, 0)
            self.assertEqual(results, batch.results())

    def test_however_many_fetch_and_acknowledge_nothing_have_a_part_of_the_memory(self):
        memory, viewers, jobs = 32 << 20, 16, 300_000
        with Cluster(data=self.data, broker_options=["--memory-max", str(memory)]) as cluster:
            batch = cluster.run("batch", "-d", "-q", "-r", f"n=1:{jobs}", "-t", "n*1.1").out.strip()
            cluster.await_end(batch)
            session = self.session(cluster)
            session.send(*(wire.record(wire.ATTACH, handle, int(batch[1:]), 0, 1)
                           for handle in range(1, viewers + 1)))
            sent = dict.fromkeys(range(1, viewers + 1), 0)
            while said := session.receive(1000):
                for command, values, data in said:
                    if command in (wire.INPUT, wire.PIECE):
                        sent[values[0]] += len(data)
            # A quarter of it, and each in any case what a chunk takes.
            self.assertGreater(min(sent.values()), 0)
            self.assertLess(sum(sent.values()), memory // 4 + viewers * (512 << 10))
            results, error = wire.fetch(self.session(cluster), int(batch[1:]))
            self.assertEqual((len(results), error), (jobs, 0))

    @unittest.skipUnless(os.environ.get("DCALC_KIND", "release") == "release",
                         "the allocators of sanitizers keep what is freed")
    def test_memory_that_is_free_again_is_given_back(self):
        with Cluster(data=self.data) as cluster:
            batch = cluster.run("batch", "-d", "-q", "-r", "n=1:300000", "-t", "n*1.1").out.strip()
            cluster.await_end(batch)
            sessions = [self.session(cluster) for _ in range(6)]
            for session in sessions:
                session.send(*(wire.record(wire.ATTACH, handle, int(batch[1:]), 0, 1)
                               for handle in range(1, 17)))

            def is_much_on_its_way():
                for session in sessions:
                    session.send(wire.record(wire.HEARTBEAT))
                return memory(cluster.broker) > 128
            wait_until(is_much_on_its_way, "much is on its way, and read by nobody")
            for session in sessions:
                session.close()
            wait_until(lambda: memory(cluster.broker) < 64, "memory is given back")

    def test_kill_9_of_the_broker_loses_and_doubles_nothing(self):
        rng = random.Random(1)
        batches = {}
        with Cluster(workers=1, slots=2, data=self.data) as cluster:
            for _ in range(KILLS):
                for key in range(len(batches) + 1, len(batches) + 1 + rng.randrange(1, 6)):
                    batches[key] = Batch(key)
                session = self.session(cluster)
                self.submit(session, batches)
                kept = [batch for batch in batches.values() if batch.is_kept]
                if kept and rng.randrange(2):
                    session.send(wire.record(wire.ATTACH, 99999, rng.choice(kept).number, 0, 1))
                end = time.monotonic() + rng.random() * 0.06
                while time.monotonic() < end:
                    self.hear(session, batches, 5)
                cluster.broker.kill()
                cluster.broker.wait()
                session.close()
                cluster.start_broker()
            self.keep(cluster, batches)
            self.check_all(cluster, batches)

    def test_sigterm_tells_what_is_kept(self):
        batches = {key: Batch(key) for key in range(1, 40)}
        with Cluster(workers=0, data=self.data) as cluster:
            session = self.session(cluster)
            self.submit(session, batches)
            while not any(batch.is_kept for batch in batches.values()):
                self.hear(session, batches, 20000)
            cluster.broker.terminate()
            self.assertEqual(cluster.broker.wait(20), 0)
            kept = {key for key, batch in batches.items() if batch.is_kept}
            cluster.start_broker()
            session = self.session(cluster)
            for batch in batches.values():
                batch.is_kept = False
            self.submit(session, batches)
            while not all(batch.is_kept for batch in batches.values()):
                self.hear(session, batches, 20000)
            self.assertTrue(kept)

    def test_a_million_jobs_wait_for_a_broker_that_was_killed(self):
        with Cluster(workers=0, data=self.data) as cluster:
            session = self.session(cluster)
            wire.submit(session, 1, [str(i) for i in range(4096)], 245)
            cluster.broker.kill()
            cluster.broker.wait()
            since = time.monotonic()
            cluster.start_broker()
            session = self.session(cluster)
            session.send(wire.open_record(2, 1))
            self.assertEqual(session.wait_for(wire.RECEIPT)[1], (2, 0, 4096 * 245, 1))
            took = time.monotonic() - since
            print(f"ready again after {took * 1000:.0f} ms, with {4096 * 245} jobs waiting",
                  file=sys.stderr)
            self.assertIn("jobs_waiting=1003520", cluster.log())

    def mount(self, folder, kind, options):
        """Mount something there, or what is there with other options."""
        what = ["-t", kind, kind] if kind else []
        mounted = subprocess.run(["mount", "-o", options, *what, folder], capture_output=True,
                                 check=False)
        if mounted.returncode != 0:
            self.skipTest("nothing can be mounted here")
        if kind:
            self.addCleanup(subprocess.run, ["umount", "-l", folder], check=False)

    def mount_small_disk(self, size):
        self.mount(self.data, "tmpfs", f"size={size}")

    def test_a_disk_that_the_store_alone_fills_can_be_deleted_from(self):
        self.mount_small_disk("24m")
        with Cluster(workers=0, data=os.path.join(self.data, "store")) as cluster:
            session = self.session(cluster)
            self.assertIn("full", self.submit_until_refused(session))
            listed = json.loads(cluster.run("list", "-o", "json").lines[0])["batch"]
            for command in ("cancel", "delete"):
                result = cluster.run(command, listed)
                self.assertEqual((result.err, result.code), ("", 0), command)
            self.submit_until_kept(session)

    def test_files_that_may_not_grow_are_a_full_disk(self):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8 << 20, before[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_FSIZE, before)
        with Cluster(workers=1, slots=1, data=self.data) as cluster:
            session = self.session(cluster)
            self.assertIn("full", self.submit_until_refused(session))
            self.assertEqual(cluster.run("1+1").out, "2\n")
            self.assertIsNone(cluster.broker.poll())

    def test_a_full_disk_refuses_and_heals(self):
        self.mount_small_disk("16m")
        filler = os.path.join(self.data, "filler")
        with Cluster(workers=1, slots=1, data=os.path.join(self.data, "store")) as cluster:
            session = self.session(cluster)
            first = Batch(1)
            session.send(*first.records())
            while not first.is_kept:
                self.hear(session, {1: first}, 20000)
            wire.fetch(session, first.number)
            with open(filler, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(65536))
                except OSError:
                    pass
            refusal = self.submit_until_refused(session)
            self.assertIn("full", refusal)
            self.assertIn("delete batches", refusal)
            # Interactive ones go on, what is kept can be had, and deleting works.
            self.assertEqual(cluster.run("1+1").out, "2\n")
            self.assertEqual(wire.fetch(session, first.number, handle=2000)[0], first.results())
            session.send(wire.record(wire.DELETE, 7, first.number))
            self.assertEqual(session.wait_for(wire.REPLY, wire.REFUSED)[0], wire.REPLY)
            os.unlink(filler)
            self.submit_until_kept(session)

    def test_who_waits_for_a_full_disk_is_told_so(self):
        self.mount_small_disk("12m")
        with Cluster(workers=0, data=os.path.join(self.data, "store")) as cluster:
            kept = cluster.run("batch", "-d", stdin="".join(f"{i}/7\n" for i in range(150000)))
            batch = kept.out.strip()
            with open(os.path.join(self.data, "filler"), "wb", buffering=0) as file:
                for size in (65536, 512):
                    try:
                        while True:
                            file.write(bytes(size))
                    except OSError:
                        pass
            cluster.start_worker(1)
            for command in ("attach", "results"):
                client = cluster.start(command, batch, stdout=subprocess.DEVNULL)
                self.addCleanup(client.stderr.close)
                self.addCleanup(client.stdin.close)
                self.assertEqual(client.stderr.readline().decode(),
                                 f"dcalc: {batch} waits: the disk of the broker's store is full: "
                                 "make room on it\n")  # there is no other batch to delete
                client.kill()
                client.wait()

    def submit_until_refused(self, session):
        line = "1+" * 7500 + "1"
        for key in range(100, 1000):
            session.send(wire.open_record(key, key), wire.chunk_record(key, 0, [line] * 4),
                         wire.record(wire.CLOSE, key, 4))
            while True:
                command, values, data = session.wait_for(wire.REFUSED, wire.RECEIPT)
                if command == wire.REFUSED and values[0] == key:
                    self.assertEqual(values[1], STORE_FULL)
                    return data.decode()
                if command == wire.RECEIPT and values[0] == key and values[3]:
                    break
        raise AssertionError("the disk is never full")

    def submit_until_kept(self, session):
        end = time.monotonic() + 30
        for key in range(5000, 6000):
            session.send(wire.open_record(key, key), wire.chunk_record(key, 0, ["1"]),
                         wire.record(wire.CLOSE, key, 1))
            while True:
                command, values, _ = session.wait_for(wire.REFUSED, wire.RECEIPT)
                if values[0] == key and (command == wire.REFUSED or values[3]):
                    break
            if command == wire.RECEIPT:
                return
            self.assertLess(time.monotonic(), end, "freed space does not heal")
            time.sleep(0.2)

    def test_a_store_that_somebody_locks_refuses_and_heals(self):
        said = "the broker's store is locked by another program: it has to be left alone"
        kept, computed = Batch(1), Batch(2)
        with Cluster(workers=1, slots=1, data=self.data) as cluster:
            self.keep(cluster, {1: kept})
            self.check_all(cluster, {1: kept})
            cluster.workers[0].terminate()
            cluster.workers[0].wait()
            session = self.keep(cluster, {2: computed})
            locker = sqlite3.connect(os.path.join(self.data, "store.db"), isolation_level=None)
            self.addCleanup(locker.close)
            locker.execute("BEGIN EXCLUSIVE")
            session.send(*Batch(3).records())
            _, values, data = session.wait_for(wire.REFUSED, timeout_ms=60000)
            self.assertEqual((values[:2], data.decode()), ((3, STORE_LOCKED), said))
            # Interactive ones go on, what is kept can be had, and what is computed waits.
            cluster.start_worker(1)
            self.assertEqual(cluster.run("1+1").out, "2\n")
            self.assertEqual(wire.fetch(session, kept.number, handle=2000)[0], kept.results())
            wait_until(lambda: cluster.status("b2").get("why") == said, "it says why")
            client = cluster.start("batch", "-d", "-q", "-r", "x=1:3", "-t", "x", stdin=subprocess.DEVNULL,
                                   text=True)
            self.addCleanup(end_client, client)
            quiet = cluster.run("batch", "-d", "-r", "x=1:3", "-t", "x", "--wait", "0")
            self.assertEqual((quiet.out, quiet.code), ("", 75))
            self.assertIn(said, quiet.err)
            locker.execute("ROLLBACK")
            self.assertEqual(client.wait(60), 0)
            self.assertRegex(client.stdout.read(), r"^b\d+\n$")
            self.check_all(cluster, {1: kept, 2: computed})
            self.assertIn("not stored: another program locks the broker's store: database is locked",
                          cluster.log())
            self.assertIsNone(cluster.broker.poll())

    def test_a_backup_of_a_running_broker_is_a_store(self):
        copy = os.path.join(self.data, "copy")
        os.mkdir(copy)
        original = os.path.join(self.data, "original")
        batches = {key: Batch(key) for key in range(1, 20)}
        with Cluster(workers=1, slots=1, data=original) as cluster:
            session = self.keep(cluster, batches)
            self.check_all(cluster, batches)
            later = {key: Batch(key) for key in range(20, 200)}
            self.submit(session, later)
            done = subprocess.run([program("dcalc-broker"), "--data", original, "--backup",
                                   os.path.join(copy, "store.db")], capture_output=True,
                                  text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(done.stdout, f"copied the store in {original} to {copy}/store.db\n")
            self.assertEqual(os.listdir(copy), ["store.db"])
            mode = os.stat(os.path.join(copy, "store.db")).st_mode & 0o777
            self.assertEqual(oct(mode), "0o600", "others can read the copy")
            for name in os.listdir(original):
                mode = os.stat(os.path.join(original, name)).st_mode & 0o777
                self.assertEqual(oct(mode), "0o600", f"others can read {name}")
        with Cluster(workers=0, data=copy) as cluster:
            self.check_all(cluster, batches)

    def back_up(self, data, file):
        return subprocess.run([program("dcalc-broker"), "--data", data, "--backup", file],
                              capture_output=True, text=True, check=False)

    def test_a_copy_replaces_a_copy_and_nothing_else(self):
        data = os.path.join(self.data, "store")
        with Cluster(workers=0, data=data) as cluster:
            wire.submit(self.session(cluster), 1, ["1"], 1)
            copy = os.path.join(self.data, "copy.db")
            for _ in range(2):
                self.assertEqual(self.back_up(data, copy).returncode, 0)
            notes = os.path.join(self.data, "notes.txt")
            other = os.path.join(self.data, "other.db")
            link = os.path.join(self.data, "link.db")
            os.symlink(copy, link)
            with open(notes, "w", encoding="ascii") as file:
                file.write("notes\n" * 100)
            with contextlib.closing(sqlite3.connect(other)) as database:
                database.execute("CREATE TABLE t(x)")
            for path in [notes, other, link]:
                with open(path, "rb") as file:
                    before = file.read()
                done = self.back_up(data, path)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (
                    73, "", f"dcalc-broker: {path} is there and is no store of dcalc: nothing is written "
                            "over it\n"))
                with open(path, "rb") as file:
                    self.assertEqual(file.read(), before)
            self.assertTrue(os.path.islink(link))
            self.assertEqual(sorted(os.listdir(self.data)),
                             ["copy.db", "link.db", "notes.txt", "other.db", "store"])

    def test_a_copy_that_cannot_be_made_leaves_nothing(self):
        os.mkdir(small := os.path.join(self.data, "small"))
        data = os.path.join(self.data, "store")
        with Cluster(workers=0, data=data) as cluster:
            session = self.session(cluster)
            wire.submit(session, 1, [str(i) for i in range(4096)], 100)
            itself = os.path.join(data, "store.db")
            done = self.back_up(data, itself)
            self.assertEqual((done.returncode, done.stderr), (
                73, f"dcalc-broker: {itself} is the store itself: give another file with "
                    "--backup\n"))
            self.assertEqual(sorted(os.listdir(data)),
                             ["ballast", "lock", "store.db", "store.db-shm", "store.db-wal"])
            self.mount(small, "tmpfs", "size=128k")
            done = self.back_up(data, os.path.join(small, "copy"))
            self.assertEqual(done.returncode, 73)
            self.assertIn("full", done.stderr)
            self.assertEqual(os.listdir(small), [])
            wire.submit(session, 2, ["1"], 1)  # it goes on
            self.assertEqual(cluster.run("list", "-q", "-o", "tsv").code, 0)

    def test_a_store_that_is_taken_away_ends_the_broker_in_words(self):
        data = os.path.join(self.data, "store")
        with Cluster(workers=0, data=data) as cluster:
            session = self.session(cluster)
            wire.submit(session, 1, ["1"], 1)
            shutil.rmtree(data)
            session.send(*Batch(2).records())
            self.assertEqual(cluster.broker.wait(20), 74)
            receipts = [values for command, values, _ in session.receive(1000)
                        if command == wire.RECEIPT]
            self.assertEqual(receipts, [])
            self.assertIn("not stored: the broker's store failed: its files were removed or moved, "
                          "or others are in their place", cluster.log())

    def test_the_disk_may_have_a_processor_of_its_own(self):
        cpu = max(os.sched_getaffinity(0))
        with Cluster(workers=0, data=self.data, broker_options=("--data-cpu", str(cpu))) as cluster:
            wire.submit(self.session(cluster), 1, ["1"], 1)
            threads = os.listdir(f"/proc/{cluster.broker.pid}/task")
            places = [os.sched_getaffinity(int(thread)) for thread in threads]
            expected = [os.sched_getaffinity(0)] * (len(places) - 2) + [{cpu}] * 2
            self.assertCountEqual(places, expected)

    def test_a_processor_that_is_not_there_is_named(self):
        done = subprocess.run([program("dcalc-broker"), "--frontend", "tcp://127.0.0.1:*", "--backend",
                               "tcp://127.0.0.1:*", "--data", self.data, "--data-cpu", "1023"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 64)
        self.assertIn("may not use processor 1023", done.stderr)

    def test_a_store_that_cannot_be_written_is_not_opened(self):
        self.mount(self.data, "tmpfs", "size=16m")
        with Cluster(workers=0, data=self.data) as cluster:
            wire.submit(self.session(cluster), 1, ["1"], 1)
        self.mount(self.data, None, "remount,ro")
        done = subprocess.run([program("dcalc-broker"), "--frontend", "tcp://127.0.0.1:*",
                               "--backend", "tcp://127.0.0.1:*", "--data", self.data],
                              capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 73)
        self.assertIn(f"cannot write to {self.data}: Read-only file system (--data none: keep no "
                      "batches)", done.stderr)

    def open_one(self, cluster, key):
        """The number of a new batch that is not kept."""
        session = self.session(cluster)
        session.send(wire.open_record(1, key, detached=False))
        return session.wait_for(wire.OPENED)[1][1]

    def test_a_number_is_never_another_batch(self):
        with Cluster(workers=0, data=self.data) as cluster:
            first = self.open_one(cluster, 1)
            cluster.broker.kill()
            cluster.broker.wait()
            cluster.start_broker()
            second = self.open_one(cluster, 2)
            self.assertGreater(second, first)
            cluster.broker.terminate()
            self.assertEqual(cluster.broker.wait(20), 0)
            cluster.start_broker()
            self.assertEqual(self.open_one(cluster, 3), second + 1, "nothing was lost in between")

    def damage(self, statement):
        opened = sqlite3.connect(os.path.join(self.data, "store.db"))
        with opened:
            opened.execute(statement)
        opened.close()

    def test_rows_that_lie_stop_nobody_else(self):
        # What is computed is not looked at again, so nothing is; then each has one chunk that lies.
        lies = ["count = 0", "count = count - 1", "first = -1", "first = first - 1", "width = 8",
                "flags = 1", "data = zeroblob(5000000)"]
        batches = {key: Batch(key) for key in range(1, len(lies) + 3)}
        with Cluster(workers=0, data=self.data) as cluster:
            self.keep(cluster, batches)
        for number, lie in enumerate(lies, 1):
            self.damage(f"UPDATE input SET {lie} WHERE id = {number} << 24 | 2")
        self.damage(f"UPDATE batch SET program = zeroblob(3000000) WHERE number = {len(lies) + 1}")
        whole = batches.pop(len(batches))
        with Cluster(workers=1, data=self.data) as cluster:
            self.check_all(cluster, {1: whole})
            self.assertEqual(cluster.run("1+1").lines, ["2"])
            self.assertEqual(cluster.run("results", "b1", "--wait", "0").code, 66)
            for number in batches:
                self.assertIn(f"store damaged batch=b{number} ", cluster.log())
        # Nothing was deleted: who mends the row has its batch again.
        self.damage(f"UPDATE input SET count = {CHUNK_JOBS} WHERE id = 1 << 24 | 2")
        with Cluster(workers=1, data=self.data) as cluster:
            self.check_all(cluster, {1: batches[1]})

    def spoil(self, table, number, chunk):
        store.spoil(self.data, table, number, chunk)

    def test_no_bit_changes_unseen(self):
        batches = {key: Batch(key) for key in range(1, 5)}
        with Cluster(workers=1, slots=2, data=self.data) as cluster:
            self.keep(cluster, batches)
            self.check_all(cluster, batches)
        numbers = [batch.number for batch in batches.values()]
        # Of the first the results of a chunk, of the second its inputs, of the third both.
        for number, tables in zip(numbers, (["result"], ["input"], ["result", "input"])):
            for table in tables:
                self.spoil(table, number, 1)
        with Cluster(workers=1, slots=2, data=self.data) as cluster:
            self.check_spoiled(cluster.run("results", f"b{numbers[0]}", "-o", "csv"), batches[1])
            self.check_all(cluster, {1: batches[1], 4: batches[4]})
            for key in (2, 3):
                self.check_spoiled(cluster.run("results", f"b{batches[key].number}", "-o", "csv"),
                                   batches[key], range(50, 100))
            # Who wants results alone has those that are whole.
            self.assertEqual(wire.fetch(self.session(cluster), numbers[1], inputs=False)[0],
                             batches[2].results())
            for number, what in zip(numbers, ("results: they are computed again", "inputs:",
                                              "inputs:")):
                self.assertIn(f"store damaged batch=b{number} jobs=[50,100) what={what}",
                              cluster.log())
            self.assertNotIn(f"store damaged batch=b{numbers[3]}", cluster.log())
        # What was computed again is there.
        with Cluster(workers=0, data=self.data) as cluster:
            self.check_all(cluster, {1: batches[1]})

    def test_what_is_spoiled_is_not_sent_again_as_something_else(self):
        with Cluster(workers=1, data=self.data) as cluster:
            jobs = cluster.write("jobs", "".join(f"{i}/0\n" for i in range(5000)) + "6*7\n")
            for arguments in [jobs], ["-r", "x=1:3", "-t", "x+1"]:
                sent = cluster.run("batch", "-d", "-q", *arguments)
                self.assertEqual((sent.code, sent.err), (0, ""))
                cluster.run("attach", sent.out.strip())
        for number in 1, 2:
            self.spoil("input", number, 0)
        with Cluster(workers=1, data=self.data) as cluster:
            said = "dcalc: the disk of the broker's store has spoiled {} jobs of {}: " \
                   "only whoever sent it knows what is to be computed\n"
            result = cluster.run("retry", "b1")
            self.assertEqual((result.out, result.code), ("b3: 904 jobs of b1 again\n", 1))
            self.assertEqual(result.err, said.format("4,096", "b1"))
            result = cluster.run("retry", "b2")
            self.assertEqual((result.out, result.err, result.code),
                             ("", said.format(3, "b2"), 65))

    def test_results_that_are_gone_are_computed_again(self):
        batches = {key: Batch(key) for key in range(1, 4)}
        with Cluster(workers=1, slots=2, data=self.data) as cluster:
            self.keep(cluster, batches)
            self.check_all(cluster, batches)
        numbers = [batch.number for batch in batches.values()]
        self.damage(f"DELETE FROM result WHERE id = {numbers[0]} << 24 | 1")
        self.damage(f"UPDATE result SET data = x'' WHERE id = {numbers[1]} << 24 | 1")
        with Cluster(workers=1, slots=2, data=self.data) as cluster:
            for key, number in enumerate(numbers, 1):
                self.check_spoiled(cluster.run("results", f"b{number}", "-o", "csv"), batches[key])
        with Cluster(workers=0, data=self.data) as cluster:
            self.check_all(cluster, batches)

    def lose_page(self, table, number, is_new=True):
        """Zero a page in the middle of the data of a batch's first row there. No other page has a copy of it:
        the file is made anew before. And nothing else of the row is in it."""
        path = os.path.join(self.data, "store.db")
        kept = sqlite3.connect(path)
        if is_new:
            kept.execute("VACUUM")
        kept.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = kept.execute("PRAGMA page_size").fetchone()[0]
        data = kept.execute(f"SELECT data FROM {table} WHERE id = {number} << 24").fetchone()[0]
        kept.close()
        self.assertGreater(len(data), 4 * size)
        half = len(data) // 2
        with open(path, "r+b") as file:
            content = file.read()
            # One of these two may lie across two pages.
            at = max(content.find(data[half + i:half + i + 32]) for i in (0, 32))
            self.assertGreater(at, 0)
            file.seek(at - at % size)
            file.write(bytes(size))

    def submit_chunk(self, cluster, key, lines):
        """A detached batch of one chunk; the batch. Its inputs are one row, and its results another."""
        wire.submit(self.session(cluster), key, lines, 1)
        return f"b{key}"

    def test_a_page_that_is_lost_stops_nobody_else(self):
        """A row that has lost a page can be neither read nor replaced nor deleted."""
        with Cluster(workers=1, slots=2, data=self.data) as cluster:
            lost, other = (self.submit_chunk(cluster, key, [f"{i} * {factor}" for i in range(4000)])
                           for key, factor in ((1, 1000003), (2, 3)))
            for batch in (lost, other):
                self.assertEqual(cluster.run("attach", batch).code, 0)
        self.lose_page("result", 1)
        for _ in range(2):
            with Cluster(workers=1, slots=2, data=self.data) as cluster:
                rows = cluster.run("attach", lost).lines
                self.assertEqual(rows, ["error: store-damaged"] * 4000)
                self.assertEqual(cluster.run("attach", other).lines,
                                 [f"{i * 3}" for i in range(4000)])
        for batch in (lost, other):
            with Cluster(workers=1, slots=2, data=self.data) as cluster:
                self.assertEqual(cluster.run("delete", batch).code, 0)
                self.assertEqual(cluster.run("eval", "1 + 1").out, "2\n")
        kept = sqlite3.connect(os.path.join(self.data, "store.db"))
        self.assertEqual(kept.execute("SELECT number FROM doomed").fetchall(), [(int(lost[1:]),)])
        kept.close()
        with Cluster(workers=0, data=self.data) as cluster:
            said = f"rows of batch {lost}, which is deleted, stay"
            wait_until(lambda: said in cluster.log(), "it says what it cannot remove")
            self.assertEqual(cluster.log().count(said), 1)

    @unittest.skipUnless(shutil.which("sqlite3"), "sqlite3 is not here")
    def test_what_is_left_of_a_file_is_saved_as_the_manual_says(self):
        with open(os.path.join(ROOT, "broker/man/dcalc-broker.8"), encoding="utf-8") as file:
            commands = file.read().partition(".Bd -literal\n")[2].partition(".Ed\n")[0]
        batches = {key: Batch(key) for key in range(1, 4)}
        with Cluster(workers=1, slots=2, data=self.data) as cluster:
            self.keep(cluster, batches)
            lost = self.submit_chunk(cluster, 4, [f"{i} * 1000003" for i in range(4000)])
            self.assertEqual(cluster.run("attach", lost).code, 0)
        self.lose_page("result", int(lost[1:]))
        subprocess.run(["sh", "-e"], input=commands, text=True, check=True, cwd=self.data,
                       stdout=subprocess.PIPE)
        with Cluster(workers=1, slots=2, data=self.data) as cluster:
            self.check_all(cluster, batches)
            self.assertEqual(cluster.run("attach", lost, "-q").code, 0)
            self.assertEqual(cluster.run("delete", lost).code, 0)

    def test_a_page_that_is_lost_of_a_batch_at_work_stops_nobody_else(self):
        with Cluster(workers=1, slots=2, data=self.data) as cluster:
            result, inputs, other = (self.submit_chunk(cluster, key, [f"{i} * {factor}" for i in range(4000)])
                                     for key, factor in ((1, 1000003), (2, 2000003), (3, 3)))
            for batch in (result, inputs, other):
                self.assertEqual(cluster.run("attach", batch).code, 0)
        self.damage("DELETE FROM ended")
        self.damage("UPDATE result SET failed = failed + 1 WHERE id = 1 << 24")
        self.damage("DELETE FROM result WHERE id = 2 << 24")
        self.lose_page("result", 1)
        self.lose_page("input", 2, is_new=False)
        with Cluster(workers=1, slots=2, data=self.data) as cluster:
            self.assertEqual(cluster.run("attach", other).lines, [f"{i * 3}" for i in range(4000)])
            self.assertEqual(cluster.run("attach", inputs).lines, ["error: store-damaged"] * 4000)
            # What is computed again cannot be stored. That costs these results, and not the batch.
            done = cluster.run("attach", result)
            self.assertEqual((done.lines, done.code), (["error: store-damaged"] * 4000, 1), done.err)
            self.assertIn(f"store damaged batch={result} jobs=[0,4000) what=results: they are lost, since what "
                          "is in their place cannot be replaced", cluster.log())
            self.assertEqual(cluster.run("eval", "1 + 1").out, "2\n")
            self.assertEqual(cluster.run("attach", cluster.run("batch", "-d", "-r", "x=1:3", "-t", "x")
                                         .out.strip()).out, "1\n2\n3\n")

    def test_a_batch_without_its_count_is_nobodys_rest(self):
        batch = Batch(1)
        with Cluster(workers=1, slots=2, data=self.data) as cluster:
            self.keep(cluster, {1: batch})
            self.check_all(cluster, {1: batch})
        self.damage("DELETE FROM closed")
        self.spoil("result", batch.number, 1)
        with Cluster(workers=0, data=self.data, broker_options=["--orphan", "1s"]) as cluster:
            reader = cluster.start("results", f"b{batch.number}", "-o", "csv", "--wait", "30s",
                                   stdout=subprocess.PIPE, text=True)
            wait_until(lambda: "computed again" in cluster.log(), "the damage is seen")
            time.sleep(2.5)  # longer than what a dead client has left is kept
            cluster.start_worker(2)
            rows = reader.communicate(timeout=60)[0].splitlines()[1:]
            self.assertEqual(rows, [f"1+{i},{result}," for i, result in batch.results().items()])

    def check_spoiled(self, got, batch, jobs=()):
        """These jobs have a fault, and all others what they had."""
        rows = [",,store-damaged" if i in jobs else f"{batch.key}+{i},{result},"
                for i, result in batch.results().items()]
        self.assertEqual(got.lines[1:], rows)
        self.assertEqual(got.code, 1 if jobs else 0)

    def test_what_cannot_be_is_said(self):
        with Cluster(workers=0) as cluster:
            session = self.session(cluster)
            session.send(wire.open_record(1, 1))
            _, values, data = session.wait_for(wire.REFUSED)
            self.assertEqual(values, (1, 72, 0))
            self.assertIn("--data", data.decode())
        with Cluster(workers=0, data=self.data):
            second = subprocess.run([program("dcalc-broker"), "--frontend", "tcp://127.0.0.1:*",
                                     "--backend", "tcp://127.0.0.1:*", "--data", self.data],
                                    capture_output=True, text=True, timeout=20, check=False)
            self.assertEqual(second.returncode, 73)
            self.assertIn("another broker", second.stderr)
        done = subprocess.run([program("dcalc-broker"), "--data", self.data + "-none", "--backup",
                               "copy"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 66)
        self.assertIn("there is no store", done.stderr)


if __name__ == "__main__":
    unittest.main()
