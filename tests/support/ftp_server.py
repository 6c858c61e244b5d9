#!/usr/bin/env python3
"""A real FTP server for tests (pyftpdlib of Debian), a process of its own: it can be away, break off in the middle of a file, speak
TLS, and its commands are kept. As a program: ftp_server.py <place> <port> [<certificate and key>]."""
import os
import signal
import subprocess
import sys
import time
import warnings

USER, PASSWORD = "box", "слово box"


def serve(place, port, pem):
    warnings.simplefilter("ignore")
    sys.path.append("/usr/lib/python3/dist-packages")  # Debian's, whichever Python runs the tests
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import DTPHandler, FTPHandler, TLS_FTPHandler
    from pyftpdlib.servers import FTPServer
    import logging
    logging.basicConfig(filename=place + "/commands", level=logging.INFO, format="%(message)s")

    def allowance():
        """How many bytes of a file may come before everything breaks off; None: all."""
        try:
            with open(place + "/cut") as f:
                return int(f.read())
        except (OSError, ValueError):
            return None

    class Cutting:
        def handle_read(self):
            most = allowance()
            if most is not None and self.receive and self.get_transmitted_bytes() >= most:
                os.unlink(place + "/cut")
                if self.file_obj:
                    self.file_obj.flush()
                self.cmd_channel.socket.close()  # no farewell, as when a wire is cut
                self.socket.close()
                self.cmd_channel.close()
                self.close()
                return
            super().handle_read()

        handle_read_event = handle_read  # pyftpdlib calls it by this name

    class PlainData(Cutting, DTPHandler):
        ac_in_buffer_size = 4096

    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, place + "/home", perm="elradfmwMT")
    handler = TLS_FTPHandler if pem else FTPHandler
    if pem:
        handler.certfile = pem
        handler.tls_control_required = handler.tls_data_required = True
    else:
        handler.dtp_handler = PlainData
    if not pem:
        class Telling(FTPHandler):
            def pre_process_command(self, line, cmd, arg):
                logging.getLogger("pyftpdlib").info("%s %s %s", self.remote_port, cmd, "" if cmd == "PASS" else arg)
                super().pre_process_command(line, cmd, arg)

            def ftp_MDTM(self, path):
                try:
                    with open(place + "/ahead") as f:
                        ahead = int(f.read())
                except (OSError, ValueError):
                    ahead = 0
                self.respond("213 " + time.strftime("%Y%m%d%H%M%S", time.gmtime(os.path.getmtime(path) + ahead)))
        handler = Telling
    handler.authorizer = authorizer
    handler.use_gmt_times = True
    server = FTPServer(("127.0.0.1", port), handler)
    with open(place + "/port.new", "w") as f:
        f.write(str(server.address[1]))
    os.rename(place + "/port.new", place + "/port")
    server.serve_forever()


class FtpServer:
    """`home` is what it has; start() and stop() as often as wanted, always on the same port."""

    def __init__(self, place, pem=None):
        self.place, self.pem, self.port, self.process = place, pem, 0, None
        os.makedirs(place + "/home")
        self.home = place + "/home"
        self.start()

    def start(self):
        if os.path.exists(self.place + "/port"):
            os.unlink(self.place + "/port")
        self.process = subprocess.Popen(["/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable, os.path.abspath(__file__), self.place, str(self.port), *([self.pem] if self.pem else [])],
                                        stdout=subprocess.DEVNULL, stderr=open(self.place + "/errors", "ab"))
        end = time.monotonic() + 60
        while not os.path.exists(self.place + "/port"):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the FTP server did not start: " + open(self.place + "/errors").read())
            time.sleep(0.05)
        self.port = int(open(self.place + "/port").read())

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def cut_after(self, size):
        """The next upload breaks off after about so many bytes."""
        with open(self.place + "/cut.new", "w") as f:
            f.write(str(size))
        os.rename(self.place + "/cut.new", self.place + "/cut")

    def be_ahead(self, seconds):
        """Its clock, as it tells of files."""
        with open(self.place + "/ahead", "w") as f:
            f.write(str(seconds))

    def cut_done(self):
        return not os.path.exists(self.place + "/cut")

    def files(self):
        """{path: bytes} of all that lies there."""
        found = {}
        for folder, _, names in os.walk(self.home):
            for name in names:
                path = os.path.join(folder, name)
                try:
                    with open(path, "rb") as f:
                        found[os.path.relpath(path, self.home)] = f.read()
                except OSError:
                    pass  # renamed meanwhile
        return found

    def commands(self):
        with open(self.place + "/commands", encoding="utf-8", errors="replace") as f:
            return f.read()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
