"""What idle slots cost the broker: its processor time, as a share of one core.

    bench_idle.py [SLOTS [SECONDS [SLOTS-OF-A-HOST]]]     500 slots for 10 seconds, 16 a host

The slots are connections of this process, which say what slots say: READY, and a heartbeat with their
load each second: those of a host at the same time, as slots do, the hosts spread over the second.
"""

import json
import os
import sys
import time

import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from cluster import Cluster  # noqa: E402

WIRE_VERSION = next(int(line.split()[2]) for line in open("common/wire.h", encoding="utf-8")
                    if line.startswith("#define DC_WIRE_VERSION "))


def cpu_seconds(pid):
    """What the process has used of the processor, all threads, in user and kernel mode."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def introduce(index):
    return json.dumps({"v": WIRE_VERSION, "session": f"{index + 1:032x}", "name": f"w{index // 8}",
                       "host": "bench", "tags": [], "engine": "1", "version": "1", "pid": index + 1,
                       "slot": index % 8, "limits": {"memory": 1 << 30}}).encode()


BEAT = json.dumps({"load": 0.52, "memory_free": 8 << 30, "speed": 912345678.5}).encode()


def drain(slot):
    try:
        while True:
            slot.recv_multipart(zmq.NOBLOCK)
    except zmq.Again:
        pass


def beat_until(hosts, end):
    """Heartbeats of all slots, each once a second, host by host."""
    due, step, at = time.monotonic(), 1 / len(hosts), 0
    while time.monotonic() < end:
        for slot in hosts[at]:
            slot.send_multipart([b"\x02", BEAT])
            drain(slot)
        at, due = (at + 1) % len(hosts), due + step
        time.sleep(max(0, due - time.monotonic()))


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    size = int(sys.argv[3]) if len(sys.argv) > 3 else 16
    with Cluster(workers=0, tcp=True) as cluster:
        context = zmq.Context()
        context.set(zmq.MAX_SOCKETS, 2 * count + 16)
        slots = []
        for index in range(count):
            slot = context.socket(zmq.DEALER)
            slot.linger = 0
            slot.connect(cluster.backend)
            slot.send_multipart([b"\x01", introduce(index)])
            slots.append(slot)
        hosts = [slots[at:at + size] for at in range(0, count, size)]
        beat_until(hosts, time.monotonic() + 2)
        assert cluster.slot_count() == count, "not all slots are there"
        before, begin = cpu_seconds(cluster.broker.pid), time.monotonic()
        beat_until(hosts, begin + seconds)
        used, passed = cpu_seconds(cluster.broker.pid) - before, time.monotonic() - begin
        assert cluster.slot_count() == count, "slots were lost"
        context.destroy(linger=0)
    print(f"{count} idle slots, {size} a host, cost the broker {100 * used / passed:.2f} % of a core")


if __name__ == "__main__":
    main()
