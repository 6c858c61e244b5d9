"""A client of GOST TLS in system tests: Python's own ssl with OpenSSL's engine of GOST. Imported before anything that touches OpenSSL;
programs that the test starts do not get its configuration."""
import os
import tempfile

with tempfile.NamedTemporaryFile("w", suffix=".cnf") as conf:
    conf.write("openssl_conf = main\n[main]\nengines = engines\n[engines]\ngost = gost\n[gost]\nengine_id = gost\ndefault_algorithms = ALL\n")
    conf.flush()
    os.environ["OPENSSL_CONF"] = conf.name
    import ssl
    ssl.create_default_context()
    del os.environ["OPENSSL_CONF"]

import http.client
import re

from api_client import Client
from running import PATIENCE

SUITES = ("GOST2012-KUZNYECHIK-KUZNYECHIKOMAC", "GOST2012-MAGMA-MAGMAOMAC", "IANA-GOST2012-GOST8912-GOST8912")


def context(suites=SUITES, trust=None):
    """`trust`: PEM of the certificate that the server must have; without it any."""
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname = False
    c.maximum_version = ssl.TLSVersion.TLSv1_2
    c.set_ciphers(":".join([suites] if isinstance(suites, str) else suites))
    if trust:
        c.load_verify_locations(cadata=trust)
    else:
        c.verify_mode = ssl.CERT_NONE
    return c


class GostClient(Client):
    """A caller of the API over GOST TLS."""

    def __init__(self, port, **how):
        super().__init__(port)
        self.context = context(**how)

    def raw(self, method, path, body=None, headers=None):
        c = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE, context=self.context)
        h = dict(headers or {})
        if self.cookie:
            h["Cookie"] = "__Host-svod=" + self.cookie
        if self.csrf:
            h["X-Svod-Csrf"] = self.csrf
        h.setdefault("Accept-Language", "en")
        c.request(method, path, body, h)
        self.suite = c.sock.cipher()[0]
        r = c.getresponse()
        data = r.read()
        self.headers = {k.lower(): v for k, v in r.getheaders()}
        c.close()
        found = re.match(r"__Host-svod=(\w+)", self.headers.get("set-cookie", ""))
        if found:
            self.headers["set-cookie"] = found.group(0).replace("__Host-", "")
            self.secure = "Secure" in dict(r.getheaders())["Set-Cookie"]
        return r.status, data
