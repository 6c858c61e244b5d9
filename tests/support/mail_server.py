"""A real SMTP server for tests (aiosmtpd), in this process: plain, STARTTLS or TLS, with sign-in, and one that refuses."""
import asyncio
import email
import email.policy
import logging
import os
import socket
import ssl
import subprocess
import sys

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's python3-aiosmtpd, whichever Python runs the tests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, SMTP

logging.getLogger("mail.log").setLevel(logging.CRITICAL)


def certificate(place):
    """A certificate authority and a server's certificate of it for 127.0.0.1: paths of authority, certificate, key."""
    at = lambda name: os.path.join(place, name)
    run = lambda *words: subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", at("ca.key"), "-out", at("ca.pem"),
        "-subj", "/CN=Test authority", "-days", "2")
    run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", at("mail.key"), "-out", at("mail.csr"), "-subj", "/CN=127.0.0.1")
    with open(at("mail.ext"), "w") as f:
        f.write("subjectAltName=IP:127.0.0.1\n")
    run("x509", "-req", "-in", at("mail.csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial", "-out", at("mail.pem"), "-days", "2",
        "-extfile", at("mail.ext"))
    return at("ca.pem"), at("mail.pem"), at("mail.key")


class MailServer:
    """`letters` are what came, as email.message; `refuse` maps a recipient to the reply he gets, `answers` is a list of
    replies to the next DATA instead of taking it; while `stall`, a letter is read and not answered, and `stalled` says so."""

    def __init__(self, tls=None, starttls=None, user=None, password=None):
        self.letters, self.refuse, self.answers, self.sign_ins, self.secure = [], {}, [], [], []
        self.user, self.password = user, password
        self.stall = self.stalled = False
        words = {}
        if starttls:
            words.update(tls_context=self.context(*starttls), require_starttls=True)
        if user:
            words.update(authenticator=self.authenticate, auth_required=True, auth_require_tls=bool(starttls))
        self.controller = Port0(self, words, self.context(*tls) if tls else None)
        self.controller.start()
        self.port = self.controller.server.sockets[0].getsockname()[1]

    @staticmethod
    def context(certificate, key):
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        c.load_cert_chain(certificate, key)
        return c

    def authenticate(self, server, session, envelope, mechanism, data):
        name, word = data.login.decode(), data.password.decode()
        self.sign_ins.append((name, word))
        return AuthResult(success=(name, word) == (self.user, self.password), handled=False)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.answers:
            return self.answers.pop(0)
        while self.stall:
            self.stalled = True
            await asyncio.sleep(0.02)
        self.secure.append(server.transport.get_extra_info("ssl_object") is not None)
        self.letters.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 taken"

    def close(self):
        self.controller.stop()


class Port0(Controller):
    """aiosmtpd's controller on a port of the system's choice."""

    def __init__(self, handler, words, context):
        self.words = words
        super().__init__(handler, hostname="127.0.0.1", port=0, ssl_context=context)

    def factory(self):
        return SMTP(self.handler, **self.words)

    def _trigger_server(self):
        """The first connection, which start() waits for; the base class would make it to port 0."""
        with socket.create_connection(self.server.sockets[0].getsockname(), 5) as s:
            if self.ssl_context:
                trusting = ssl.create_default_context()
                trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
                s = trusting.wrap_socket(s)
            s.recv(1024)
            s.close()
