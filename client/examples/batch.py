#!/usr/bin/python3
"""batch — many expressions by way of the DC1 protocol, whose normative text is common/wire.h.

    batch.py [tcp://HOST:PORT] < formulas.txt

What is read is cut into chunks, the broker says by credit how many it takes, results come in pieces,
in any order, and are printed in the order of the input. One loop waits for both, so an input may be
slow or endless.

A broker that is lost ends this program; libdcalc looks for it, and sends what is unanswered again.
"""

import os
import struct
import sys
import time

import zmq

BATCH = 1  # our name for it; a session may have many
CHUNK_JOBS, CHUNK_BYTES, CHUNK_COST = 4096, 65536, 256
HEARTBEAT_S, SILENCE_S = 1, 3
WIRE_VERSION = 7  # stands in each record

# Numbers and fields of the commands, as common/wire.h lists them; `<` is little-endian, unpadded.
OPEN, CHUNK, CLOSE, ACK = 0x10, 0x11, 0x12, 0x13
OPENED, CREDIT, RECEIPT, REFUSED, INPUT, PIECE, DONE, REPLY, PROGRESS, RELEASED = range(0x20, 0x2A)
WHO, HEARTBEAT = 0x50, 0x51
FIELDS = {command: struct.Struct("<" + fields) for command, fields in {
    OPEN: "I16sHBBBBIQIIQQQH", CHUNK: "IIQIHB", CLOSE: "IQ", ACK: "IQQ",
    OPENED: "IQBI", CREDIT: "Q", RECEIPT: "IQQB", REFUSED: "III", INPUT: "IIQIB",
    PIECE: "IIQIIHBB", DONE: "IIQ", REPLY: "I", PROGRESS: "IQQQ", RELEASED: "I",
    WHO: "", HEARTBEAT: ""}.items()}


class Broker:
    """A connection to the broker: commands out, commands in."""

    def __init__(self, url):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger = 200
        self.socket.connect(url)
        self.heard_at = self.beat_at = time.monotonic()

    def send(self, command, *fields, data=b""):
        head = struct.pack("<BBHI", command, 0, WIRE_VERSION, len(data))
        frames = [b"DC1", head + FIELDS[command].pack(*fields), data]
        self.socket.send_multipart(frames if data else frames[:2])

    def wait(self, file=None):
        """Wait until there is something to read. Is there in `file`, if one is given?"""
        poller = zmq.Poller()
        poller.register(self.socket, zmq.POLLIN)
        if file:
            poller.register(file, zmq.POLLIN)
        ready = dict(poller.poll(HEARTBEAT_S * 1000))
        self.beat()
        return file is not None and file.fileno() in ready

    def receive(self):
        """The commands of the next message, as (command, fields, data); none if there is no message."""
        if not self.socket.poll(0):
            if time.monotonic() - self.heard_at > SILENCE_S:
                raise ConnectionError("the broker does not answer")
            return
        self.heard_at = time.monotonic()
        frames = self.socket.recv_multipart()
        table, data, at = frames[1], b"".join(frames[2:3]), 0
        while table:
            command, _, version, size = struct.unpack_from("<BBHI", table)
            if version != WIRE_VERSION:
                raise ConnectionError(f"the broker speaks version {version}, and this is {WIRE_VERSION}")
            yield command, FIELDS[command].unpack_from(table, 8), data[at:at + size]
            table, at = table[8 + FIELDS[command].size:], at + size

    def beat(self):
        if time.monotonic() - self.beat_at > HEARTBEAT_S:
            self.beat_at = time.monotonic()
            self.send(HEARTBEAT)


class Input:
    """Lines from a file that may be slow."""

    def __init__(self, file):
        self.file, self.bytes, self.is_over = file, b"", False

    def wants_more(self):
        return not self.is_over and len(self.bytes) < CHUNK_BYTES

    def read(self):
        """Read what is there, and wait if nothing is."""
        more = os.read(self.file.fileno(), CHUNK_BYTES)
        self.is_over = not more
        # The last line may lack its newline.
        self.bytes += more or (b"" if self.bytes.endswith(b"\n") or not self.bytes else b"\n")

    def chunk(self):
        """As many whole lines as make a chunk; empty if there is none."""
        end = self.bytes.rfind(b"\n", 0, CHUNK_BYTES) + 1 or self.bytes.find(b"\n") + 1
        behind = self.bytes[:end].split(b"\n", CHUNK_JOBS)[-1]
        return self.bytes[:end - len(behind)]

    def take(self, chunk):
        self.bytes = self.bytes[len(chunk):]


def results_of(fields, data):
    """The results of a PIECE that count, as (index, line)."""
    _, count, first, faults_bytes, _, range_count, _, _ = fields  # no name: OPEN did not ask for it
    ranges = list(struct.iter_unpack("<QQ", data[:16 * range_count])) or [(first, first + count)]
    lines = data[16 * range_count + faults_bytes:].split(b"\n")
    return [(index, lines[index - first]) for begin, end in ranges for index in range(begin, end)]


class Batch:
    """What is under way between an Input and its results."""

    def __init__(self, broker, lines):
        self.broker, self.lines = broker, lines
        self.credit, self.sent_bytes, self.sent_jobs = 512 << 10, 0, 0
        self.chunks = []   # (first, end) of those that were sent and not acknowledged, in order
        self.results = {}  # those that have come and not had their turn, by index
        self.turn = 0      # the index of the next one
        self.is_closed = False
        broker.send(OPEN, BATCH, os.urandom(16), 0, 0, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0)

    def send(self):
        """Send what was read, as far as the credit goes."""
        while chunk := self.lines.chunk():
            if self.sent_bytes + len(chunk) + CHUNK_COST > self.credit:
                return
            first, count = self.sent_jobs, chunk.count(b"\n")
            self.broker.send(CHUNK, BATCH, count, first, 0, 0, 0, data=chunk)
            self.chunks.append((first, first + count))
            self.sent_jobs += count
            self.sent_bytes += len(chunk) + CHUNK_COST
            self.lines.take(chunk)
        if self.lines.is_over and not self.is_closed:
            self.broker.send(CLOSE, BATCH, self.sent_jobs)
            self.is_closed = True

    def receive(self):
        for command, fields, data in self.broker.receive():
            if command == PIECE:
                self.results.update(results_of(fields, data))
            elif command == CREDIT:
                self.credit = fields[0]
            elif command == REFUSED:
                raise RuntimeError("refused: " + data.decode())
            elif command == WHO:
                raise ConnectionError("the broker was started anew, and knows nothing of this batch")
            elif command == DONE and fields[1]:
                raise RuntimeError(f"the batch ended before its time, error {fields[1]}")

    def run(self):
        """Yield the result of each line, in order."""
        while self.chunks or not self.is_closed:
            if self.broker.wait(self.lines.file if self.lines.wants_more() else None):
                self.lines.read()
            self.send()
            self.receive()
            while self.turn in self.results:
                yield self.results.pop(self.turn)
                self.turn += 1
            # An acknowledged chunk gives its credit back.
            while self.chunks and self.chunks[0][1] <= self.turn:
                self.broker.send(ACK, BATCH, *self.chunks.pop(0))


def main():
    if len(sys.argv) > 2 or "://" not in "".join(sys.argv[1:] or ["://"]):
        sys.exit("usage: batch.py [URL] < FILE")
    broker = Broker(sys.argv[1] if len(sys.argv) > 1 else "tcp://127.0.0.1:5555")
    for result in Batch(broker, Input(sys.stdin.buffer)).run():
        print(result.decode(), flush=True)


if __name__ == "__main__":
    main()
