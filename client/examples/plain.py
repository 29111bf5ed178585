#!/usr/bin/python3
"""plain — expressions by way of a REQ socket, as any language with a ZeroMQ binding can send them.

    plain.py [tcp://HOST:PORT] < formulas.txt

All lines are one request, and the reply has a line for each: a value, or `error: CODE at COLUMN:
message`. A request may have 65,536 lines and 1 MiB; who has more sends several, or does as batch.py.

A REQ socket whose reply does not come is of no more use: it can neither send nor be asked again. So
it is closed and another one asks anew (the Lazy Pirate of the ZeroMQ guide, chapter 4). That is
harmless: expressions have no effects, and what is computed twice is the same twice.
"""

import re
import sys
import time

import zmq

PATIENCE_S = 30  # for one reply; give more where your expressions take longer
TRIES = 3


def ask(context, url, text):
    """The reply to `text`; TimeoutError if there is none after some tries."""
    for _ in range(TRIES):
        with context.socket(zmq.REQ) as socket:
            socket.linger = 0  # what was not sent does not keep the program from ending
            socket.connect(url)
            socket.send(text)
            if socket.poll(PATIENCE_S * 1000):
                return socket.recv()
    raise TimeoutError(f"no reply from {url} within {TRIES} times {PATIENCE_S} s")


def evaluate(context, url, lines):
    """The results of the expressions in `lines`, in their order."""
    while True:
        reply = ask(context, url, "\n".join(lines).encode()).decode()
        # A refusal is one line, whatever was asked. Two of them pass: there is no room for now.
        refused = re.match(r"error: (busy|no-memory) (?!at \d+:).*?(?:try again in (\d+) ms)?$", reply)
        if not refused:
            return reply.split("\n")
        time.sleep(int(refused.group(2) or 1000) / 1000)


def main():
    if len(sys.argv) > 2 or "://" not in "".join(sys.argv[1:] or ["://"]):
        sys.exit("usage: plain.py [URL] < FILE")
    url = sys.argv[1] if len(sys.argv) > 1 else "tcp://127.0.0.1:5555"
    with zmq.Context() as context:
        for result in evaluate(context, url, sys.stdin.read().splitlines()):
            print(result)


if __name__ == "__main__":
    main()
