"""A remote agent for Ludus, in Python's standard library alone (3.8 or newer).

    python3 ludus_agent.py ws://127.0.0.1:8421/agent bob TOKEN

Replace `choose` by your own player, or import `join` and hand it yours. `join` answers what it is asked, comes back when
the line breaks, and returns when the tournament is over.
"""

import base64
import json
import os
import random
import socket
import ssl
import struct
import sys
import time
from urllib.parse import urlparse


class Refused(Exception):
    """The host does not want this agent: the message says why."""


class Line:
    """A WebSocket (RFC 6455), as much of it as an agent needs: text frames, pings, close."""

    def __init__(self, url, timeout=None):
        parts = urlparse(url)
        secure = parts.scheme == "wss"
        port = parts.port or (443 if secure else 80)
        self.socket = socket.create_connection((parts.hostname, port), timeout=10)
        if secure:
            self.socket = ssl.create_default_context().wrap_socket(self.socket, server_hostname=parts.hostname)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((
            f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.hostname}:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self._fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        status = head.split(b"\r\n")[0].decode()
        if " 101 " not in status:
            raise Refused(status)
        self.socket.settimeout(timeout)
        self.code = 1006

    def _fill(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the line broke")
        self.buffer += data

    def _take(self, count):
        while len(self.buffer) < count:
            self._fill()
        out, self.buffer = self.buffer[:count], self.buffer[count:]
        return out

    def _send(self, opcode, payload):
        mask = os.urandom(4)
        size = len(payload)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
        elif size < 65536:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
        self.socket.sendall(head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)))

    def send(self, message):
        self._send(1, json.dumps(message).encode())

    def receive(self):
        """The next message, or None when the host has closed the line (`code` says why)."""
        text = b""
        while True:
            first, second = self._take(2)
            size = second & 127
            if size == 126:
                size = struct.unpack("!H", self._take(2))[0]
            elif size == 127:
                size = struct.unpack("!Q", self._take(8))[0]
            payload = self._take(size)
            opcode = first & 15
            if opcode == 8:
                self.code = struct.unpack("!H", payload[:2])[0] if size >= 2 else 1005
                try:
                    self._send(8, payload[:2])
                except OSError:
                    pass  # the host has not waited for the answer
                self.socket.close()
                return None
            if opcode == 9:
                self._send(10, payload)
            elif opcode in (0, 1):
                text += payload
                if first & 0x80:
                    return json.loads(text)


def sit(url, name, token, choose):
    """Plays until the line closes; returns the code it closed with."""
    line = Line(url)
    line.send({"type": "hello", "protocol": 1, "name": name, "token": token})
    while True:
        message = line.receive()
        if message is None:
            return line.code
        if message["type"] == "bye":
            print(f"the host says: {message['reason']}", file=sys.stderr)
        if message["type"] != "ask":
            continue
        try:
            line.send({"type": "move", "id": message["id"], **choose(message)})
        except OSError:
            raise
        except Exception as error:  # a fault of `choose` loses this game, not the others
            line.send({"type": "error", "id": message["id"], "message": repr(error)[:900]})


def join(url, name, token, choose):
    """Returns when the tournament is over; raises Refused when the host does not want this agent."""
    broken = 0
    while broken < 10:
        try:
            code = sit(url, name, token, choose)
            if code == 1000:
                return
            if 4001 <= code <= 4003:
                raise Refused(f"closed with {code}")
            broken = 0
        except OSError:
            broken += 1
        time.sleep(0.5)
    raise ConnectionError(f"{url} cannot be reached")


def choose(question):
    """Any legal move: put a better idea here. "value", in [-1, 1], is optional."""
    return {"action": random.choice(question["legal"])["action"]}


if __name__ == "__main__":
    arguments = sys.argv[1:] + ["ws://127.0.0.1:8421/agent", "bob", os.environ.get("LUDUS_REMOTE_TOKEN", "")][len(sys.argv) - 1:]
    try:
        join(arguments[0], arguments[1], arguments[2], choose)
    except (Refused, ConnectionError) as error:
        sys.exit(str(error))
