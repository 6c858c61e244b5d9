"""A reader of RTU-327 over TCP, as a head-end is one: frames, checksum, requests and answers, written from the protocol's fact
sheet, not from the program."""
import socket
import struct

OK, NO_MORE, NO_METER, UNKNOWN, BAD_PARAMETERS, NO_DATA, BAD_PASSWORD, NO_RIGHTS, BAD_CRC = 0, 2, 4, 5, 6, 8, 10, 11, 60
GETVERSION, GETMAXLOGID, GETTESTS, GETAUTOREAD, GETLP, GETSHPRM, GETPOK, GETTIME, SETTIME, GETMTRLOG, GETLOG = (
    3, 101, 107, 109, 111, 112, 113, 114, 115, 116, 117)

TABLE = []
for i in range(256):
    value = i << 8
    for _ in range(8):
        value = (value << 1 ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    TABLE.append(value)


def crc(data):
    """CRC-16 1021h from FFFFh; the byte is added behind the division, sign and all."""
    value = 0xFFFF
    for byte in data:
        value = TABLE[value >> 8] ^ (value << 8 & 0xFFFF) ^ (byte | 0xFF00 if byte >= 0x80 else byte)
    return value


def frame(command, data=b"", number=1, password=bytes(4)):
    body = struct.pack("<H", number) + password + b"\0\0" + bytes([command]) + data
    return b"\x02" + struct.pack(">H", len(body)) + body + struct.pack(">H", crc(body))


def nsh(serial):
    return bytes.fromhex("%010d" % int(serial))


class Gone(Exception):
    """The server has closed the connection."""


class Reader:
    def __init__(self, port, password=bytes(4), patience=60, tls=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=patience)
        if tls:  # an SSL context
            self.socket = tls.wrap_socket(self.socket, server_hostname="127.0.0.1")
        self.password, self.number = password, 0

    def close(self):
        self.socket.close()

    def take(self, count):
        data = b""
        while len(data) < count:
            try:
                part = self.socket.recv(count - len(data))
            except ConnectionError:
                part = b""
            if not part:
                raise Gone()
            data += part
        return data

    def answer(self):
        """(number, result, data) of the next answer."""
        head = self.take(3)
        assert head[0] == 2, head
        body, check = self.take(struct.unpack(">H", head[1:])[0]), self.take(2)
        assert struct.unpack(">H", check)[0] == crc(body), "checksum of an answer"
        assert body[2:8] == bytes(6), "reserved bytes of an answer"
        return struct.unpack("<H", body[:2])[0], body[8], body[9:]

    def ask(self, command, data=b""):
        """(result, data)"""
        self.number = self.number % 65535 + 1
        self.socket.sendall(frame(command, data, self.number, self.password))
        number, result, answer = self.answer()
        assert number == self.number, "the packet's number comes back"
        assert result == OK or not answer, "errors carry no data"
        return result, answer

    # ---- commands ------------------------------------------------------------------------------------------------------

    def time(self):
        return struct.unpack("<I", self.ask(GETTIME)[1])[0]

    def parameters(self, serial):
        names = ("version", "type", "kt", "kn", "m", "interval", "object_type", "object", "feeder")
        return dict(zip(names, struct.unpack("<hbdddbiii", self.ask(GETSHPRM, nsh(serial))[1])))

    def registers(self, serial, mask, time):
        """(result, [values])"""
        result, data = self.ask(GETPOK, nsh(serial) + struct.pack("<BI", mask, time))
        return result, list(struct.unpack("<%dd" % (len(data) // 8), data))

    def profile(self, serial, mask, time, count):
        """(result, end, [([values], status)])"""
        result, data = self.ask(GETLP, nsh(serial) + struct.pack("<BIH", mask, time, count))
        if result:
            return result, 0, []
        given, _, end = struct.unpack("<HbI", data[:7])
        assert given & 0x8000
        size = bin(mask).count("1")
        rows = list(struct.iter_unpack("<%ddB" % size, data[7:]))
        assert len(rows) == given & 0x7FFF
        return result, end, [(list(r[:size]), r[size]) for r in rows]

    def frozen(self, serial, time, channel, count):
        """(result, [{"serial", "time", "tariffs", "total"}])"""
        result, data = self.ask(GETAUTOREAD, nsh(serial) + struct.pack("<IBB", time, channel, count))
        rows = []
        for at in range(0, len(data), 198):
            v = struct.unpack("<10sI" + "ddIdd" * 4 + "5d", data[at:at + 198])
            rows.append({"serial": v[0][::-1].decode(), "time": v[1], "tariffs": [v[2], v[7], v[12], v[17]], "total": v[22]})
        return result, rows

    def network(self, serial, time, count):
        """(result, [(time, {bit: value})])"""
        result, data = self.ask(GETTESTS, nsh(serial) + struct.pack("<IB", time, count))
        if result:
            return result, []
        bits, given, _ = struct.unpack("<IBB", data[:6])
        known = [i for i in range(32) if bits >> i & 1]
        rows = list(struct.iter_unpack("<I%dd" % len(known), data[6:]))
        assert len(rows) == given
        return result, [(r[0], dict(zip(known, r[1:]))) for r in rows]

    def events(self, serial, time, count):
        """(result, [(time, type)])"""
        result, data = self.ask(GETMTRLOG, nsh(serial) + struct.pack("<IH", time, count))
        return result, list(struct.iter_unpack("<IH", data))
