#!/usr/bin/python3
"""Devices as files over the running server: the JSON of manual S3 and workbooks, there and back; a file with one mistake changes
nothing and says where it is."""
import copy
import io
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import openpyxl
from head_end import HeadEnd
from running import done, folder, ok, same

# The example of the manual's appendix 1, its line breaks and escapes as a program writes them.
MANUAL = json.loads(r"""
{ "Meta": { "AppName": "Energomera.Hes.Devices.Infrastructure", "AppVersion": "1.0.0.0", "SchemaVersion": "v1", "Created": "2023-12-20T07:56:40.4712869+00:00" },
  "Channels": [
    { "Id": "96203520-8c7e-4961-8e8b-5981a9db6020", "Name": "10.5.111.110", "Type": "CHAN_TYPE_TCP", "IsExclusive": false,
      "Settings": "{\r\n \"CHAN_TYPE_TCP_OP_IP_ADDRESS\": \"10.5.111.110\", \r\n \"CHAN_TYPE_TCP_OP_IP_PORT\": \"10007\", \r\n \"CHAN_TYPE_TCP_OP_USE_7E1\": \"false\" \r\n}" },
    { "Id": "f155cc03-2558-490c-aa03-1854ee55109a", "Name": "10.5.110.100", "Type": "CHAN_TYPE_TCP", "IsExclusive": true,
      "Settings": "{\"CHAN_TYPE_TCP_OP_IP_ADDRESS\":\"10.5.110.100\",\"CHAN_TYPE_TCP_OP_USE_7E1\":\"false\",\"CHAN_TYPE_TCP_OP_IP_PORT\":\"5000\"}" } ],
  "Protocols": [
    { "Id": "1d886837-2bfa-4710-9d46-275e942404a7", "Name": "13065", "Type": "PROTO_DLMS",
      "Settings": "{\"DLMS_AUTHENTICATION\":\"High\",\"DLMS_PASSWORD\":\"0000000011111111\",\"DLMS_CLIENT_ADDRESS\":\"48\",\"DLMS_LOGICAL_SERVER\":\"1\",\"DLMS_PHYSICAL_SERVER\":\"13065\",\"DLMS_RESEND_COUNT\":\"3\",\"DLMS_WAIT_TIME\":\"00:00:05\"}" },
    { "Id": "b813709d-cd02-4fc2-87a6-af3236b8e474", "Name": "2214", "Type": "PROTO_DLMS",
      "Settings": "{\"DLMS_AUTHENTICATION\":\"High\",\"DLMS_PASSWORD\":\"0000000011111111\",\"DLMS_CLIENT_ADDRESS\":\"48\",\"DLMS_LOGICAL_SERVER\":\"1\",\"DLMS_PHYSICAL_SERVER\":\"2214\",\"DLMS_RESEND_COUNT\":\"3\",\"DLMS_WAIT_TIME\":\"00:00:05\"}" },
    { "Id": "88813ed8-40f5-44c9-bbe6-01ae79525331", "Name": "13135", "Type": "PROTO_DLMS",
      "Settings": "{\"DLMS_AUTHENTICATION\":\"High\",\"DLMS_PASSWORD\":\"0000000011111111\",\"DLMS_CLIENT_ADDRESS\":\"48\",\"DLMS_LOGICAL_SERVER\":\"1\",\"DLMS_PHYSICAL_SERVER\":\"13135\",\"DLMS_RESEND_COUNT\":\"3\",\"DLMS_WAIT_TIME\":\"00:00:05\"}" } ],
  "Groups": [
    { "Id": null, "Name": null, "Devices": [
      { "Id": "1cc4a848-f485-48e5-8e94-3cecc642ffa5", "SerialNumber": "000000000013065", "Type": "DT_CE307", "Status": "DS_INUSE", "PlugDate": "2023-12-20T07:56:22.220148Z", "Enabled": true,
        "CommLines": [ { "Id": "bf511a30-3b44-4044-bfc6-aa30984512f8", "ChannelId": "f155cc03-2558-490c-aa03-1854ee55109a", "ProtocolId": "1d886837-2bfa-4710-9d46-275e942404a7",
            "DeviceLib": "DL_CE_307", "ProtocolMap": "PROTO_MAP_SPODES_CE307_V10", "Enabled": true, "Address": "", "Priority": 0 } ], "Children": [] } ] },
    { "Id": "88813ed8-40f5-44c9-bbe6-01ae79525331", "Name": "Test Group", "Devices": [
      { "Id": "85228e57-d3ed-4ca8-8474-f3f2e935fe1a", "SerialNumber": "000000000002214", "Type": "DT_CE207", "Status": "DS_INUSE", "PlugDate": "2023-12-20T07:56:22.376881Z", "Enabled": true,
        "CommLines": [ { "Id": "538486f3-5b95-4b69-bb55-56d64c51e944", "ChannelId": "f155cc03-2558-490c-aa03-1854ee55109a", "ProtocolId": "b813709d-cd02-4fc2-87a6-af3236b8e474",
            "DeviceLib": "DL_CE_207", "ProtocolMap": "PROTO_MAP_SPODES_CE207_V10", "Enabled": true, "Address": "", "Priority": 0 } ], "Children": [] },
      { "Id": "b6b2680e-92fa-4210-bcab-157921435e8c", "SerialNumber": "000000000013135", "Type": "DT_CE307", "Status": "DS_INUSE", "PlugDate": "2023-12-20T07:56:22.388605Z", "Enabled": true,
        "CommLines": [ { "Id": "ef0b265a-a7c1-4bdc-a12f-3837af1be0b0", "ChannelId": "96203520-8c7e-4961-8e8b-5981a9db6020", "ProtocolId": "88813ed8-40f5-44c9-bbe6-01ae79525331",
            "DeviceLib": "DL_CE_307", "ProtocolMap": "PROTO_MAP_SPODES_CE307_V10", "Enabled": true, "Address": "", "Priority": 0 } ], "Children": [] } ] } ] }
""")


def told(answer):
    return answer[0], [f["where"] for f in answer[1]["first"]]


def opened(file):
    """The file with the settings within it taken apart, as their order does not count."""
    file = copy.deepcopy(file)
    file["Meta"] = None
    for row in file["Channels"] + file["Protocols"]:
        row["Settings"] = json.loads(row["Settings"])
    return file


def whole_seconds(file):
    for group in file["Groups"]:
        for device in group["Devices"]:
            device["PlugDate"] = device["PlugDate"][:19]
    return file


def manual_json(admin):
    status, made = admin.ask("POST", "/devices/import.json", MANUAL)
    same((status, made), (200, {"devices": 3, "updated": 0, "links": 2, "protocols": 3, "groups": 1}), "the manual's own example is taken in")
    rows = {d["serial"]: d for d in admin.get("/devices")["items"]}
    one = admin.get(f"/devices/{rows['000000000013065']['id']}")
    line = one["lines"][0]
    same((one["model"], one["driver"], one["source"], one["group"], one["added"][:19], line["link_title"], line["protocol_title"]),
         ("CE307", "spodes", "imported", "", "2023-12-20T07:56:22", "10.5.110.100", "13065"), "a device of it")
    profile = admin.get(f"/protocols/{line['protocol']}")
    same(profile["parameters"], {"security": "high", "password": "***", "client": "48", "logical": "1", "physical": "13065", "tries": "3", "timeout": "5"}, "its profile")
    same(admin.get(f"/links/{line['link']}")["exclusive"], True, "its channel")
    back = json.loads(admin.raw("GET", "/devices/export.json")[1])
    same(whole_seconds(opened(back)), whole_seconds(opened(MANUAL)), "and what comes out is what went in, guids and all")
    answer = admin.ask("POST", "/devices/import.json", MANUAL)
    same(told(answer), (400, ["Groups[0].Devices[0]", "Groups[1].Devices[0]", "Groups[1].Devices[1]"]), "a second time the devices are there already")
    same(admin.ask("POST", "/devices/import.json?update=true", MANUAL), (200, {"devices": 0, "updated": 3, "links": 0, "protocols": 0, "groups": 0}), "with update it changes nothing but them")


def mistakes_json(admin):
    def broken(change):
        file = copy.deepcopy(MANUAL)
        for group in file["Groups"]:
            for device in group["Devices"]:
                device["SerialNumber"] += "x"
        change(file)
        return told(admin.ask("POST", "/devices/import.json", file))

    device = lambda f: f["Groups"][1]["Devices"][1]
    for change, at in ((lambda f: device(f)["CommLines"][0].update(ProtocolId="00000000-0000-4000-8000-000000000000"), "Groups[1].Devices[1].CommLines[0].ProtocolId"),
                       (lambda f: device(f).update(SerialNumber=""), "Groups[1].Devices[1].SerialNumber"),
                       (lambda f: device(f).update(Enabled="yes"), "Groups[1].Devices[1].Enabled"), (lambda f: device(f).update(PlugDate="today"), "Groups[1].Devices[1].PlugDate"),
                       (lambda f: device(f).update(Status="DS_LOST"), "Groups[1].Devices[1].Status"), (lambda f: device(f).update(Type="CE307"), "Groups[1].Devices[1].Type"),
                       (lambda f: device(f).update(Children=[{}]), "Groups[1].Devices[1].Children"), (lambda f: device(f).pop("CommLines"), "Groups[1].Devices[1].CommLines"),
                       (lambda f: device(f)["CommLines"][0].update(Address="1;2"), "Groups[1].Devices[1].CommLines[0].Address"),
                       (lambda f: f["Channels"][0].update(Type="CHAN_TYPE_CENC"), "Channels[0].Type"), (lambda f: f["Channels"][1].update(Id="x"), "Channels[1].Id"),
                       (lambda f: f["Channels"][0].update(Settings=f["Channels"][0]["Settings"].replace("10007", "70000")), "Channels[0].Settings.CHAN_TYPE_TCP_OP_IP_PORT"),
                       (lambda f: f["Protocols"][2].update(Settings="[]"), "Protocols[2].Settings"),
                       (lambda f: f["Protocols"][2].update(Settings=f["Protocols"][2]["Settings"].replace("High", "Highest")), "Protocols[2].Settings.DLMS_AUTHENTICATION"),
                       (lambda f: f["Protocols"][2].update(Settings=f["Protocols"][2]["Settings"].replace("00:00:05", "5")), "Protocols[2].Settings.DLMS_WAIT_TIME"),
                       (lambda f: f.pop("Groups"), "Groups"), (lambda f: f["Meta"].update(SchemaVersion="v2"), "Meta.SchemaVersion")):
        status, places = broken(change)
        ok(status == 400 and at in places, f"a mistake is found at {at}", str(places))
    status, places = broken(lambda f: f["Groups"][0]["Devices"].append(f["Groups"][1]["Devices"][0]))
    same((status, "Groups[1].Devices[0]" in places), (400, True), "a number is given once")
    same(admin.get("/devices")["total"], 3, "nothing of all that was taken in")
    same(admin.get("/links")["total"], 2, "no channel either")


def own_parameters(admin):
    link = admin.get("/links")["items"][0]["id"]
    profile = admin.ask("POST", "/protocols", {"title": "shared", "driver": "spodes", "parameters": {"security": "low", "timeout": "9"}})[1]["id"]
    admin.ask("POST", "/devices", {"serial": "55", "driver": "spodes", "model": "CE208", "lines": [{"link": link, "protocol": profile, "address": "55", "parameters": {"password": "secret55"}}]})
    file = json.loads(admin.raw("GET", "/devices/export.json?search=55&model=CE208")[1])
    devices = [d for g in file["Groups"] for d in g["Devices"]]
    settings = {p["Id"]: json.loads(p["Settings"]) for p in file["Protocols"]}[devices[0]["CommLines"][0]["ProtocolId"]]
    same(([d["SerialNumber"] for d in devices], settings), (["55"], {"DLMS_AUTHENTICATION": "Low", "DLMS_WAIT_TIME": "00:00:09", "DLMS_PHYSICAL_SERVER": "55", "DLMS_PASSWORD": "secret55"}),
         "what a line says of its own comes out as a protocol of its own; filters hold")
    return file


def another_database(file):
    server = HeadEnd(folder() + "/svod.db")
    same(server.admin.ask("POST", "/devices/import.json", file)[1]["devices"], 1, "another database takes it in")
    d = server.admin.get("/devices")["items"][0]
    again = json.loads(server.admin.raw("GET", "/devices/export.json")[1])
    same(opened(again), opened(file), "and gives it out the same")
    same(server.close(), 0, "it ends in order")


def main():
    server = HeadEnd(folder() + "/svod.db")
    admin = server.admin
    manual_json(admin)
    mistakes_json(admin)
    another_database(own_parameters(admin))
    log = admin.get("/log/security?kind=SSET_DEVICES_EXPORT")["items"]
    ok(len(log) == 2, "who took passwords along is in the security log")
    same(server.close(), 0, "the server ends in order, sanitizers silent")
    done()


main()
