"""A client of detached batches in a few lines, with which tests can do what no library would."""

import struct
import time

import zmq

WIRE_VERSION = 7

OPEN, CHUNK, CLOSE, ACK, CANCEL, ATTACH, DELETE = 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x18
OPENED, CREDIT, RECEIPT, REFUSED, INPUT, PIECE, DONE, REPLY = range(0x20, 0x28)
WHO, HEARTBEAT = 0x50, 0x51

FIELDS = {
    OPEN: "I16sHBBBBIQIIQQQH", CHUNK: "IIQIHB", CLOSE: "IQ", ACK: "IQQ", CANCEL: "IQ",
    ATTACH: "IQQB", DELETE: "IQ", OPENED: "IQBI", CREDIT: "Q", RECEIPT: "IQQB", REFUSED: "III",
    INPUT: "IIQIB", PIECE: "IIQIIHBB", DONE: "IIQ", REPLY: "I", 0x28: "IQQQ", WHO: "",
    HEARTBEAT: "", 0x17: "I",
}
DETACHED, RECEIPT_CLOSED = 1, 1
PROGRAM = b'{"v":1,"input":"lines"}'


def head(command, data_bytes=0, program=0):
    """What each record begins with."""
    return struct.pack("<BBHI", command, program, WIRE_VERSION, data_bytes)


def record(command, *values, data=b"", program=0):
    return head(command, len(data), program) + struct.pack("<" + FIELDS[command], *values), data


def open_record(handle, key, session=1, detached=True, number=0):
    """OPEN of a batch whose key is a number."""
    return record(OPEN, handle, struct.pack("<QQ", key, 0), DETACHED if detached else 0, 0, 3, 0,
                  0, 0, number, session, 0, 0, 0, 0, 0, program=1)


def chunk_record(handle, first, lines):
    return record(CHUNK, handle, len(lines), first, 0, 0, 0,
                  data="".join(f"{line}\n" for line in lines).encode())


def message(*records, program=PROGRAM):
    table = b"".join(head for head, _ in records)
    return [b"DC1", table, b"".join(data for _, data in records), program]


def parse(frames):
    """The records of a message, as (command, values, data)."""
    table, at, rest = frames[1], 0, frames[2] if len(frames) > 2 else b""
    while at < len(table):
        command, _, _, size = struct.unpack_from("<BBHI", table, at)
        form = "<" + FIELDS[command]
        yield command, struct.unpack_from(form, table, at + 8), rest[:size]
        at += 8 + struct.calcsize(form)
        rest = rest[size:]


class Session:
    """One connection to a broker."""

    def __init__(self, context, url):
        self.socket = context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.connect(url)
        self.said, self.spoke = [], time.monotonic()

    def close(self):
        self.socket.close()

    def send(self, *records):
        self.spoke = time.monotonic()
        self.socket.send_multipart(message(*records))

    def receive(self, timeout_ms):
        """The next records; [] when nothing comes. The broker hears that this client is alive."""
        end = time.monotonic() + timeout_ms / 1000
        while not self.said:
            left_ms = max(0, int((end - time.monotonic()) * 1000))
            if self.socket.poll(min(left_ms, 500)):
                self.said = [said for said in parse(self.socket.recv_multipart())
                             if said[0] not in (HEARTBEAT, CREDIT)]
            if time.monotonic() - self.spoke > 0.9:  # whatever comes
                self.send(record(HEARTBEAT))
            if not self.said and not left_ms:
                break
        said, self.said = self.said, []
        return said

    def wait_for(self, *commands, timeout_ms=20000):
        """The first record of these commands; those before it are dropped, those behind kept."""
        while True:
            said = self.receive(timeout_ms)
            if not said:
                return None
            for at, (command, values, data) in enumerate(said):
                if command in commands:
                    self.said = said[at + 1:]
                    return command, values, data


def submit(session, key, lines, chunk_count):
    """Open a batch of `chunk_count` chunks that are all `lines`; wait until it is kept."""
    session.send(open_record(1, key))
    for chunk in range(chunk_count):
        session.send(chunk_record(1, len(lines) * chunk, lines))
        if chunk % 20 == 19:
            # Credit comes with receipts.
            while session.wait_for(RECEIPT)[1][2] < len(lines) * (chunk + 1):
                pass
    session.send(record(CLOSE, 1, len(lines) * chunk_count))
    while session.wait_for(RECEIPT)[1][3] != RECEIPT_CLOSED:
        pass


def piece_lines(values, data):
    """The (index, line) pairs that a PIECE brings."""
    _, count, first, faults, _, ranges, _, worker = values
    data = data[worker:]
    lines = data[16 * ranges + faults:].decode().splitlines()
    counts = set()
    for i in range(ranges):
        counts.update(range(*struct.unpack_from("<QQ", data, 16 * i)))
    return [(first + i, line) for i, line in enumerate(lines[:count])
            if not ranges or first + i in counts]


def fetch(session, number, first=0, handle=1000, inputs=True):
    """All results of a batch from `first` on: {index: line}, and DONE's error."""
    results = {}
    session.send(record(ATTACH, handle, number, first, 1 if inputs else 0))
    while True:
        said = session.receive(20000)
        if not said:
            raise AssertionError("nothing comes of an attached batch")
        for command, values, data in said:
            if values and values[0] != handle:
                continue
            if command == REFUSED:
                raise AssertionError(f"refused: {values[1]}: {data.decode()}")
            if command == PIECE:
                for index, line in piece_lines(values, data):
                    if index in results:
                        raise AssertionError(f"job {index} has two results")
                    results[index] = line
                session.send(record(ACK, handle, values[2], values[2] + values[1]))
            if command == DONE:
                return results, values[1]
