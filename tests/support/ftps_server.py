"""A real FTPS server for tests: Debian's vsftpd as whoever runs the test, on a port of its own, over TLS only."""
import os
import signal
import socket
import subprocess
import time

USER = "anonymous"  # who needs no account on the machine; any password will do

CONFIG = """
listen=YES
background=NO
listen_address=127.0.0.1
listen_port=%(port)d
run_as_launching_user=YES
seccomp_sandbox=NO
allow_writeable_chroot=YES
local_enable=NO
anonymous_enable=YES
anon_root=%(home)s
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_world_readable_only=NO
anon_umask=022
anon_max_rate=%(rate)d
ssl_enable=YES
allow_anon_ssl=YES
force_anon_logins_ssl=YES
force_anon_data_ssl=YES
require_ssl_reuse=%(reuse)s
strict_ssl_read_eof=YES
ssl_ciphers=HIGH
rsa_cert_file=%(certificate)s
rsa_private_key_file=%(key)s
xferlog_enable=YES
log_ftp_protocol=YES
debug_ssl=YES
vsftpd_log_file=%(place)s/commands
"""


class FtpsServer:
    """`home` is what it has; start() and stop() as often as wanted, always on the same port. `reuse`: a data connection must go on with
    the TLS session of its commands, by which a server knows that both are the same caller's."""

    def __init__(self, place, certificate, key, reuse):
        self.place, self.home, self.certificate, self.key, self.reuse, self.process = place, place + "/home", certificate, key, reuse, None
        os.makedirs(self.home)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.start()

    def start(self, rate=0):
        """`rate`: of data, bytes a second; 0: as fast as it goes."""
        words = dict(port=self.port, home=self.home, rate=rate, reuse="YES" if self.reuse else "NO", certificate=self.certificate, key=self.key, place=self.place)
        with open(self.place + "/vsftpd.conf", "w") as f:
            f.write(CONFIG % words)
        self.process = subprocess.Popen(["/usr/sbin/vsftpd", self.place + "/vsftpd.conf"], stdin=subprocess.DEVNULL, stdout=open(self.place + "/said", "ab"),
                                        stderr=subprocess.STDOUT, start_new_session=True)
        end = time.monotonic() + 60
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("vsftpd did not start: " + open(self.place + "/said", errors="replace").read())
            time.sleep(0.05)

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as s:
                return s.recv(4) == b"220 "
        except OSError:
            return False

    def stop(self):
        """With those who talk to callers: everything breaks off."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def files(self):
        """{path: bytes} of all that lies there."""
        found = {}
        for folder, _, names in os.walk(self.home):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    found[os.path.relpath(os.path.join(folder, name), self.home)] = f.read()
        return found

    def commands(self):
        with open(self.place + "/commands", encoding="utf-8", errors="replace") as f:
            return f.read()
