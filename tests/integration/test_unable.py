"""A command that cannot: without a network, without a broker or a worker, with a broker of another
version, with a configuration that is broken. Each says what is wrong and what to do, with its exit code,
and what needs none of that works."""

import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import BIN, Cluster, clean_environment, end_client, run_client, wait_until  # noqa: E402
from detached import WIRE_VERSION, head  # noqa: E402

# Nobody listens there, and never will.
NOWHERE = "tcp://127.0.0.1:1"

ASKING = [["list"], ["status", "b1"], ["attach", "b1"], ["results", "b1"], ["cancel", "b1"], ["retry", "b1"],
          ["set", "b1", "--hold"], ["delete", "b1"], ["workers"], ["top", "--once"], ["ping"], ["bench"],
          ["workers", "--drain", "somebody"]]
COMPUTING = [["2+2"], ["eval", "2+2"], ["batch", "-r", "x=1:9", "-t", "x"], ["1", "2", "-o", "json"]]
SENDING = [["batch", "-d", "-r", "x=1:9", "-t", "x"]]

# Files that are no configuration, and what is said of them.
BROKEN = [("[client]\ntimeuot = 5s\n", ":2: unknown key 'timeuot' in [client]; did you mean 'timeout'?\n"),
          ("[client]\n\n[client\n", ":3: neither a [section] nor `key = value`\n"),
          ("[client]\ntimeout = soon\n", ":2: timeout: 'soon' is not a duration, such as 500ms, 30s, 1h30m, 0, "
                                          "inf\n"),
          ("[client]\n# why\nbroker = ${DCALC_TEST_NOWHERE}\n",
           ":3: broker: the variable DCALC_TEST_NOWHERE is not set; ${DCALC_TEST_NOWHERE:default} needs no "
           "variable\n")]


class Case(unittest.TestCase):
    maxDiff = None

    def run_it(self, *arguments, **environment):
        """A client, which does not take for ever, whatever it waits for."""
        begun = time.monotonic()
        result = run_client([*arguments], environment=environment)
        self.assertLess(time.monotonic() - begun, 30, arguments)
        return result

    def fails(self, result, code, err, what):
        """With nothing on stdout; `err` is how stderr begins."""
        self.assertEqual((result.out, result.code), ("", code), (what, result.err))
        said = result.err.replace(os.path.join(BIN, ""), "")
        self.assertEqual(said[:len(err)], err, what)
        return said[len(err):]


class Alone(Case):
    """What needs neither a network nor a configuration."""

    def configured(self):
        """Environments: every way in which settings can be wrong, by file and by variable."""
        with tempfile.TemporaryDirectory(prefix="dcalc-test-") as folder:
            for at, (content, _) in enumerate(BROKEN):
                path = os.path.join(folder, f"{at}.conf")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(content)
                yield {"DCALC_CONFIG": path}
            yield {"DCALC_CONFIG": os.path.join(folder, "missing.conf")}
            yield {"DCALC_WAIT": "soon"}
            yield {"DCALC_PROFILE": "nobody"}
            yield {}

    def test_help_version_and_completion(self):
        with tempfile.TemporaryDirectory(prefix="dcalc-test-") as home:
            for settings in self.configured():
                environment = {"DCALC_BROKER": NOWHERE, "HOME": home, "XDG_CONFIG_HOME": home, **settings}
                for arguments in (["--help"], ["-h"], ["--version"], ["-V"], ["help"], ["help", "batch"],
                                  ["help", "exit-codes"], ["list", "--help"], ["batch", "-h"],
                                  ["completion", "bash"], ["completion", "zsh"], ["completion", "fish"]):
                    result = self.run_it(*arguments, **environment)
                    self.assertEqual((result.err, result.code), ("", 0), (arguments, settings))
                    self.assertTrue(result.out, arguments)

    def test_the_settings_need_no_network(self):
        for arguments in (["config"], ["config", "--check"], ["config", "-o", "json"]):
            result = self.run_it(*arguments, DCALC_BROKER=NOWHERE)
            self.assertEqual((result.err, result.code), ("", 0))
        self.assertIn(NOWHERE, self.run_it("config", DCALC_BROKER=NOWHERE).out)

    def test_a_broken_configuration_is_told_with_its_file_and_line(self):
        with tempfile.TemporaryDirectory(prefix="dcalc-test-") as folder:
            path = os.path.join(folder, "dcalc.conf")
            for content, said in BROKEN:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(content)
                for arguments in (["config"], ["config", "--check"], ["2+2"], ["ping"], ["batch", "-d", "x"]):
                    result = self.run_it("-c", path, *arguments)
                    self.assertEqual(self.fails(result, 78, path + said, arguments), "")

    def test_what_cannot_be_wrong_without_a_file_is_told(self):
        missing = "/nonexistent/dcalc.conf"
        self.fails(self.run_it("config", DCALC_CONFIG=missing), 78, missing + ": cannot read this configuration: "
                   "No such file or directory\n", "missing")
        self.fails(self.run_it("config", DCALC_WAIT="soon"), 78, "dcalc: DCALC_WAIT: 'soon' is not a duration",
                   "variable")


class Down(Case):
    def test_every_command_that_needs_a_broker(self):
        for wait in ("0", "300ms"):
            for arguments in [*ASKING, *COMPUTING, *SENDING]:
                result = self.run_it(*arguments, "-b", NOWHERE, "--wait", wait)
                rest = self.fails(result, 69, f"dcalc: no broker at {NOWHERE} (connection refused)\n"
                                  f"       start one:  dcalc-broker --frontend {NOWHERE} & dcalc-worker &",
                                  arguments)
                here = "      or compute right here:  " if arguments in [*COMPUTING, *SENDING] else "\n"
                if arguments not in SENDING:
                    self.assertTrue(rest.startswith(here), (arguments, rest))

    def test_an_address_that_is_none(self):
        for url in ("nonsense", "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:99999", "udp://127.0.0.1:5555",
                    "ipc://", ""):
            result = self.run_it("2+2", "-b", url, "--wait", "300ms")
            self.assertEqual((result.out, result.code), ("", 64), (url, result.err))
            self.assertIn("--broker", result.err, url)


    def test_a_host_that_does_not_exist_is_not_waited_for(self):
        # No server for names is asked for what cannot be a name.
        url = "tcp://no..host:5555"
        for arguments in (["ping"], ["2+2"], ["batch", "-d", "-", "-t", "x"], ["top", "--once"]):
            result = self.run_it(*arguments, "-b", url, "--wait", "1h")
            self.fails(result, 69, f"dcalc: no broker at {url} (there is no host no..host)\n", arguments)
        result = self.run_it("ping", "-b", f"{url},{NOWHERE}", "--wait", "1s")
        self.fails(result, 69, f"dcalc: no broker at {url} (there is no host no..host), {NOWHERE} (connection refused)",
                   "others")


class Listener:
    """Something that listens, and says nothing; or breaks off what connects, as soon as that speaks."""

    def __init__(self, breaks_off):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.break_off) if breaks_off else None

    def break_off(self):
        try:
            while True:
                connection, _ = self.socket.accept()
                with connection:
                    connection.recv(64)
        except OSError:
            pass

    def __enter__(self):
        if self.thread:
            self.thread.start()
        return self

    def __exit__(self, *_):
        if self.thread:
            self.socket.shutdown(socket.SHUT_RDWR)
            self.thread.join()
        self.socket.close()


class Silent(Case):
    """Whoever listens at the broker's address, what is said of it is true."""

    SILENT = "it does not answer"
    TAKEN = "       what listens there is no broker, or one that hangs; name another with --broker\n"

    def test_whoever_says_nothing_does_not_answer(self):
        with Listener(False) as listener:
            for wait in ("0", "300ms", "4s"):
                self.fails(self.run_it("ping", "-b", listener.url, "--wait", wait), 69,
                           f"dcalc: no broker at {listener.url} ({self.SILENT})\n{self.TAKEN}", wait)

    def test_a_broker_that_is_stopped_does_not_answer(self):
        with Cluster(workers=0) as cluster:
            cluster.broker.send_signal(signal.SIGSTOP)
            for wait in ("300ms", "4s"):
                self.fails(cluster.run("ping", "--wait", wait), 69,
                           f"dcalc: no broker at {cluster.frontend} ({self.SILENT})\n{self.TAKEN}", wait)

    def test_whoever_breaks_off_is_perhaps_no_broker(self):
        with Listener(True) as listener:
            self.fails(self.run_it("ping", "-b", listener.url, "--wait", "1s"), 69,
                       f"dcalc: no broker at {listener.url} (whoever listens there breaks off the connection: is "
                       f"it a broker?)\n{self.TAKEN}", "breaks off")

    def test_all_places_are_named(self):
        with Listener(False) as listener:
            self.fails(self.run_it("ping", "-b", f"{NOWHERE},{listener.url}", "--wait", "1s"), 69,
                       f"dcalc: no broker at {NOWHERE} (connection refused), {listener.url} ({self.SILENT})\n"
                       f"       start one:  dcalc-broker --frontend {NOWHERE} &", "two")

    def test_the_broker_that_is_lost_is_named_and_not_the_next(self):
        with Cluster(workers=0) as cluster:
            client = subprocess.Popen([os.path.join(BIN, "dcalc-client"), "2+2", "-vv", "--wait", "20s", "-b",
                                       f"{cluster.frontend},{NOWHERE}"], stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True, env=clean_environment())
            self.addCleanup(end_client, client)
            next(line for line in client.stderr if line.startswith("< opened"))
            cluster.broker.send_signal(signal.SIGSTOP)
            self.assertEqual(next(line for line in client.stderr if line.startswith("dcalc:")),
                             f"dcalc: lost the broker at {cluster.frontend} ({self.SILENT}); trying again for 20s\n")


class Idle(Case):
    def test_every_command_that_needs_a_worker(self):
        with Cluster(workers=0) as cluster:
            for wait in ("0", "300ms"):
                for arguments in [*COMPUTING, ["bench"]]:
                    result = cluster.run(*arguments, "--wait", wait)
                    rest = self.fails(result, 75, f"dcalc: no workers at {cluster.frontend}\n"
                                      "       start a dcalc-worker with that broker's --backend", arguments)
                    here = "      or compute right here:  " if arguments in COMPUTING else "\n"
                    self.assertTrue(rest.startswith(here), (arguments, rest))

    def test_the_others_do_not(self):
        with Cluster(workers=0) as cluster:
            for arguments in (["list"], ["workers"], ["top", "--once"], ["ping"]):
                self.assertEqual(cluster.run(*arguments, "--wait", "0").code, 0, arguments)
            for arguments in (["status", "b1"], ["results", "b1"], ["cancel", "b1"], ["retry", "b1"]):
                result = cluster.run(*arguments, "--wait", "0")
                self.fails(result, 66, "dcalc: there is no batch 'b1'\n", arguments)


class Stranger:
    """A broker of another version: it refuses whatever a client says. Or it answers in another protocol."""

    REFUSED, VERSION = 0x23, 71

    def __init__(self, answer):
        self.answer = answer
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.url = f"tcp://127.0.0.1:{self.socket.bind_to_random_port('tcp://127.0.0.1')}"
        self.is_over = False
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while not self.is_over:
            if self.socket.poll(50):
                address = self.socket.recv_multipart()[0]
                self.socket.send_multipart([address, *self.answer])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.thread.join()
        self.socket.close(0)
        self.context.term()


class Version(Case):
    def test_a_broker_of_another_version(self):
        # What it says may mean anything; only the first eight bytes are those of every version.
        record = struct.pack("<BBHI", Stranger.REFUSED, 0, WIRE_VERSION + 1, 3) + bytes(5)
        with Stranger([b"DC1", record, b"xyz"]) as broker:
            for arguments in [*ASKING, *COMPUTING, *SENDING]:
                result = self.run_it(*arguments, "-b", broker.url, "--wait", "5s")
                self.fails(result, 76, "dcalc: the broker speaks another version of the protocol than this program "
                           f"({WIRE_VERSION}): install the same dcalc for both\n", arguments)

    def test_a_client_of_another_version(self):
        with Cluster(workers=0) as cluster, zmq.Context() as context, context.socket(zmq.DEALER) as client:
            client.linger = 0
            client.connect(cluster.frontend)
            client.send_multipart([b"DC1", struct.pack("<BBHI", 0x10, 0, WIRE_VERSION - 1, 0)])
            self.assertTrue(client.poll(60000))
            _, table, text = client.recv_multipart()
            self.assertEqual(struct.unpack_from("<BBHI", table), (Stranger.REFUSED, 0, WIRE_VERSION, len(text)))
            self.assertEqual(struct.unpack_from("<III", table, 8), (0, Stranger.VERSION, 0))
            self.assertEqual(text.decode(), f"a message of another version of the protocol than {WIRE_VERSION}")

    def test_a_broker_that_refuses_the_version(self):
        text = b"it speaks version 5, not 6"
        table = head(Stranger.REFUSED, len(text)) + struct.pack("<III", 0, Stranger.VERSION, 0)
        with Stranger([b"DC1", table, text]) as broker:
            for arguments in [*ASKING, *COMPUTING, *SENDING]:
                result = self.run_it(*arguments, "-b", broker.url, "--wait", "5s")
                self.assertEqual((result.out, result.code), ("", 76), (arguments, result.err))
                self.assertIn(text.decode(), result.err)

    def test_a_broker_that_speaks_something_else(self):
        for answer in ([b"DC9", b"\x00" * 24], [b"", b"error: protocol no"], [b"DC1", b"\xff" * 7]):
            with Stranger(answer) as broker:
                for arguments in (["ping"], ["2+2"]):
                    result = self.run_it(*arguments, "-b", broker.url, "--wait", "1s")
                    self.assertEqual(result.out, "")
                    self.assertEqual((result.err, result.code), (
                        "dcalc: what answers there is no broker that is understood here: another version, or "
                        "another program\n", 76), (answer, arguments))


class Full(Case):
    def test_no_room_for_more(self):
        with Cluster(workers=0, broker_options=["--memory-max", "1M"]) as cluster:
            path = cluster.write("large.txt", "1+1 # and nothing else\n" * 150000)
            waiting = cluster.start("batch", path, "--wait", "inf")
            self.addCleanup(end_client, waiting)

            def is_full():
                return cluster.run("2+3", "--wait", "0").err.startswith("dcalc: the broker has no room")
            wait_until(is_full, "the memory is used up")
            for arguments in [["2+3"], ["batch", "-r", "x=1:9", "-t", "x"]]:
                result = cluster.run(*arguments, "--wait", "0")
                self.assertEqual(self.fails(result, 75, "dcalc: the broker has no room for more jobs now: the "
                                            "broker holds all the memory that it may\n", arguments),
                                 "       trying again later may help\n")
            self.assertEqual(cluster.run("list").code, 0)  # one can see why


if __name__ == "__main__":
    unittest.main()
