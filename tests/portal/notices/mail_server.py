"""A mail server on this machine, to see what really goes over the wire."""

import socketserver
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from threading import Lock


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps what it takes and counts who connects.

    ``obey`` : (step, recipient) -> "" to go on, a reply to give instead, or ``HANG_UP``. Steps are ``RCPT`` (the
    recipient is named), ``DATA`` (the message is about to come) and ``TAKEN`` (it is kept, the client waits for 250).
    """

    allow_reuse_address = daemon_threads = True
    HANG_UP = "hang up"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.obey: Callable[[str, str], str] = lambda step, recipient: ""
        self.connections = self.goodbyes = 0
        self.taken: list[tuple[str, Message]] = []
        self.lock = Lock()

    @property
    def port(self) -> int:
        return self.server_address[1]

    @property
    def ids(self) -> list[str]:
        return [message["Message-ID"] for _, message in self.taken]


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        with self.server.lock:
            self.server.connections += 1
        self.say("220 mail.example")
        recipient = ""
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "QUIT":
                with self.server.lock:
                    self.server.goodbyes += 1
                return self.say("221 bye")
            if verb == "RCPT":
                recipient = line[line.index("<") + 1 : line.index(">")]
            reply = self.server.obey(verb, recipient)
            if not reply and verb == "DATA":
                self.say("354 go on")
                self.take(recipient)
                reply = self.server.obey("TAKEN", recipient)
            if reply == MailServer.HANG_UP:
                return None
            self.say(reply or "250 ok")
        return None

    def take(self, recipient: str) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        with self.server.lock:
            self.server.taken.append((recipient, message_from_bytes(b"".join(lines))))
