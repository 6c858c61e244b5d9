"""A gateway's whole archive to a head-end: values a second and bytes a value. Arguments: meters, days."""
import os
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "support"))
from api_client import HeadEnd, until
from running import World, collect, folder, import_meters, readings

meters, days = int(sys.argv[1]), int(sys.argv[2])
place = folder()
world = World("--tcp", "127.66.11.1:0", "--family", "spodes", "--count", meters, "--serial", 10000001)
import_meters(place + "/gateway.db", [(10000001 + i, "Meter %d" % i, "spodes", "tcp://127.66.11.%d:%d" % (i + 1, world.ports()[0]), "transport=wrapper;password=111111", "House",
                                       "day=%d,profile=%d" % (days, days)) for i in range(meters)])
for _ in range(4):  # long debts are worked off in slices
    collect(place + "/gateway.db")
world.close()
values = sum(len(a) for i in range(meters) for a in readings(place + "/gateway.db", 10000001 + i, "day,profile").values())
hes, gateway = HeadEnd(place + "/hes.db"), HeadEnd(place + "/gateway.db", "--board", "sim", face="gateway")
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
hes.admin.patch("/gateway-port", {"revision": 1, "enabled": True, "host": "127.0.0.1", "port": port})
until(lambda: hes.admin.get("/gateway-port")[1]["listening"])
code = hes.admin.post("/gateways", {"title": "Bench"})[1]["code"]
began = time.time()
gateway.admin.patch("/centre", {"revision": 1, "code": code, "enabled": True})
while True:
    c = gateway.admin.get("/centre")[1]
    if c["state"] == "connected" and c["behind"] == 0 and c["archive_done"] == c["archive_all"] and c["acknowledged"]:
        break
    time.sleep(0.02)
took = time.time() - began
arrived = sum(len(a) for i in range(meters) for a in readings(place + "/hes.db", 10000001 + i, "day,profile").values())
if arrived != values:
    sys.exit("%d of %d values arrived" % (arrived, values))
print("%d values of %d meters, %d days, in %.2f s; %d KB up, %d KB down, %.2f bytes a value" % (values, meters, days, took, c["sent_bytes"] // 1000, c["received_bytes"] // 1000, c["sent_bytes"] / values))
gateway.close()
hes.close()
print("push %d values/s" % (values / took))
