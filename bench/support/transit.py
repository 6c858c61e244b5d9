"""How soon a transit client gets the line of a poll in progress; see bench/transit.sh."""
import datetime, os, socket, statistics, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "support"))
os.environ["SVOD"] = os.path.abspath(sys.argv[1])
TIMES = int(sys.argv[2])
METERS, BAUD = 20, 9600

from api_client import HeadEnd
from running import World, folder, import_meters, svod
from transit_peer import ask, free_port

place = folder()
bus, database, port = os.path.join(place, "bus"), os.path.join(place, "gateway.db"), free_port()
meters = [w for i in range(METERS) for w in ("--meter", "mercury230:%d:%d" % (i + 1, 41000001 + i))]
world = World("--exact", "--bus", bus, "--line", "%d,8N1" % BAUD, *meters)
import_meters(database, [(41000001 + i, "Meter %d" % i, "mercury230", "serial:" + bus, "address=%d" % (i + 1), "A", "current,day=20,month=12,profile=20") for i in range(METERS)])
box = HeadEnd(database, face="gateway")
api = box.admin
api.ask("PATCH", "/interfaces/1", {"revision": 1, "link": api.read("/links")["items"][0]["id"], "idle_s": 1, "hold_s": 600})
api.ask("PATCH", "/servers", {"revision": api.read("/servers")["revision"], "items": [{"type": "http", "port": 80}, {"type": "transit-1", "port": port}]})
while not api.read("/interfaces/1")["transit"]["listening"]:
    time.sleep(0.05)
line = "/lines/%d" % api.read("/interfaces/1")["link"]
client = socket.create_connection(("127.0.0.1", port))
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
rest = [ask(client, 1 + i) for i in range(9)]
while api.read(line)["holder"]["use"] != "free":
    time.sleep(0.05)
first = []
for i in range(5):  # taking a line at rest costs the silence that is kept before the first byte, too
    first.append(ask(client, 1 + i))
    while api.read(line)["holder"]["use"] != "free":
        time.sleep(0.05)
waits = []
for i in range(TIMES):
    api.ask("POST", "/collection", {"all": True})
    while api.read(line)["holder"]["use"] != "collection":
        time.sleep(0.02)
    time.sleep(0.3 + 0.037 * (i % 11))  # at any moment of an exchange
    waits.append(ask(client, 1 + i % METERS))
api.ask("DELETE", "/collection")
client.close()
box.close()
exchanges = []
for i in range(METERS):
    asked = None
    for row in svod("show", database, 41000001 + i, "--frames").out.splitlines():
        day, clock, direction = row.split(" ", 3)[:3]
        at = datetime.datetime.fromisoformat(day + " " + clock)
        if direction == "<<" and asked:
            exchanges.append((at - asked).total_seconds() * 1000)
        asked = at if direction == ">>" else None
print("answer on a line that the client has: %.0f ms; on a line at rest: %.0f ms" % (statistics.median(rest), statistics.median(first)))
print("while it is polled: median %.0f ms, longest %.0f ms of %d" % (statistics.median(waits), max(waits), len(waits)))
print("the poll's exchanges: mean %.0f ms, longest %.0f ms of %d" % (statistics.mean(exchanges), max(exchanges), len(exchanges)))
print("transit %.0f ms" % (statistics.median(waits) - statistics.median(first)))
