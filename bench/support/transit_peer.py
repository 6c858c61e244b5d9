"""A transit client with one question: a Меркурий's test of the channel."""
import socket, struct, sys, time


def crc(frame):
    c = 0xFFFF
    for b in frame:
        c ^= b
        for _ in range(8):
            c = (c >> 1) ^ 0xA001 if c & 1 else c >> 1
    return frame + struct.pack("<H", c)


def ask(client, address):
    """Milliseconds from the question to the whole answer of a Меркурий's test of the channel."""
    request = crc(bytes([address, 0]))
    begun = time.monotonic()
    client.sendall(request)
    got = b""
    while not got.endswith(request):  # before it may come the late answer to a question of the poll
        got += client.recv(64)
        if len(got) > 2000:
            sys.exit("transit: %s holds no answer" % got.hex())
    return (time.monotonic() - begun) * 1000


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
