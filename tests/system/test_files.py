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
from api_client import HeadEnd
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
    rows = {d["serial"]: d for d in admin.read("/devices")["items"]}
    one = admin.read(f"/devices/{rows['000000000013065']['id']}")
    line = one["lines"][0]
    same((one["model"], one["driver"], one["source"], one["group"], one["added"][:19], line["link_title"], line["protocol_title"]),
         ("CE307", "spodes", "imported", "", "2023-12-20T07:56:22", "10.5.110.100", "13065"), "a device of it")
    profile = admin.read(f"/protocols/{line['protocol']}")
    same(profile["parameters"], {"security": "high", "password": "***", "client": "48", "logical": "1", "physical": "13065", "tries": "3", "timeout": "5"}, "its profile")
    same(admin.read(f"/links/{line['link']}")["exclusive"], True, "its channel")
    back = json.loads(admin.raw("GET", "/api/v1/devices/export.json")[1])
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
                       (lambda f: f["Protocols"][2].update(Settings=json.dumps({**json.loads(f["Protocols"][2]["Settings"]), "DLMS_PASSWORD": "***"})), "Protocols[2].Settings.DLMS_PASSWORD"),
                       (lambda f: f["Protocols"][2].update(Settings=f["Protocols"][2]["Settings"].replace("00:00:05", "5")), "Protocols[2].Settings.DLMS_WAIT_TIME"),
                       (lambda f: f.pop("Groups"), "Groups"), (lambda f: f["Meta"].update(SchemaVersion="v2"), "Meta.SchemaVersion")):
        status, places = broken(change)
        ok(status == 400 and at in places, f"a mistake is found at {at}", str(places))
    status, places = broken(lambda f: f["Groups"][0]["Devices"].append(f["Groups"][1]["Devices"][0]))
    same((status, "Groups[1].Devices[0]" in places), (400, True), "a number is given once")
    same(admin.read("/devices")["total"], 3, "nothing of all that was taken in")
    same(admin.read("/links")["total"], 2, "no channel either")


def own_parameters(admin):
    link = admin.read("/links")["items"][0]["id"]
    profile = admin.ask("POST", "/protocols", {"title": "shared", "driver": "spodes", "parameters": {"security": "low", "timeout": "9"}})[1]["id"]
    admin.ask("POST", "/devices", {"serial": "55", "driver": "spodes", "model": "CE208", "group": "Дом 55", "lines": [{"link": link, "protocol": profile, "address": "55", "parameters": {"password": "secret55"}}]})
    file = json.loads(admin.raw("GET", "/api/v1/devices/export.json?search=55&model=CE208")[1])
    devices = [d for g in file["Groups"] for d in g["Devices"]]
    settings = {p["Id"]: json.loads(p["Settings"]) for p in file["Protocols"]}[devices[0]["CommLines"][0]["ProtocolId"]]
    same(([d["SerialNumber"] for d in devices], settings), (["55"], {"DLMS_AUTHENTICATION": "Low", "DLMS_WAIT_TIME": "00:00:09", "DLMS_PHYSICAL_SERVER": "55", "DLMS_PASSWORD": "secret55"}),
         "what a line says of its own comes out as a protocol of its own; filters hold")
    return file


def another_database(file):
    server = HeadEnd(folder() + "/svod.db")
    same(server.admin.ask("POST", "/devices/import.json", file)[1]["devices"], 1, "another database takes it in")
    d = server.admin.read("/devices")["items"][0]
    again = json.loads(server.admin.raw("GET", "/api/v1/devices/export.json")[1])
    same(opened(again), opened(file), "and gives it out the same")
    same(server.close(), 0, "it ends in order")


HEADS = ["канал связи имя", "канал связи тип", "адрес ip", "порт ip", "протокол имя", "протокол тип", "протокол адрес", "протокол пароль", "протокол тайм аут", "группа имя",
         "тип устройства", "серийный номер устройства"]
# The manual's own example (its figure 86), where the last two columns have changed places.
EXAMPLE = [["Импорт канала связи TCP", "TCP", "95.153.224.218", 5279, "01-598", "DLMS", 16, "1234567812345678", 35, "Группа однофазные", "CE208", "0000000000001"],
           ["Импорт канала CENC", "tCp", "10.5.114.138", 50, "01-458", "dlms", 15378, "1234567812345678", 35, "Группа трехфазные", "СЕ308", "0000000000002"],
           ["Импорт канала связи TCP", "TCP", "95.153.224.218", 5279, "01-598", "DLMS", 16, "1234567812345678", 35, "Группа однофазные", "CE207", "0000000000003"],
           ["Импорт канала CENC", "TCP", "10.5.114.138", 50, "01-458", "DLMS", 15378, "1234567812345678", 35, "Группа трехфазные", "CE307", 123456789012345]]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def book(rows, heads=HEADS):
    """A workbook by another hand than ours, with a second sheet that does not count."""
    b = openpyxl.Workbook()
    b.active.append(heads)
    for row in rows:
        b.active.append(row)
    b.create_sheet("Лист2").append(["мусор"])
    out = io.BytesIO()
    b.save(out)
    return out.getvalue()


def send(admin, data, query="", kind=XLSX):
    import http.client
    c = http.client.HTTPConnection("127.0.0.1", admin.port)
    c.request("POST", "/api/v1/devices/import.xlsx" + query, data, {"Cookie": "svod=" + admin.cookie, "X-Svod-Csrf": admin.csrf, "Content-Type": kind, "Accept-Language": "ru"})
    answer = c.getresponse()
    body = answer.read()
    c.close()
    return answer.status, json.loads(body)


def sheet_of(admin, path):
    status, data = admin.raw("GET", "/api/v1" + path, headers={"Accept-Language": "ru"})
    same((status, admin.headers["content-type"]), (200, XLSX), f"{path} is a workbook")
    return openpyxl.load_workbook(io.BytesIO(data))


def rows_of(workbook):
    return [[cell.value for cell in row] for row in workbook.active.iter_rows()]


def import_workbook(admin):
    same(rows_of(sheet_of(admin, "/devices/template.xlsx")), [HEADS], "the template has the columns of table 6")
    swapped = [row[:10] + [row[11], row[10]] for row in EXAMPLE]
    same(send(admin, book(swapped, HEADS[:10] + [HEADS[11], HEADS[10]])), (200, {"devices": 4, "updated": 0, "links": 2, "protocols": 2, "groups": 0}), "the manual's example, columns in another order")
    rows = {d["serial"]: d for d in admin.read("/devices?source=imported")["items"]}
    same(sorted(rows), ["0000000000001", "0000000000002", "0000000000003", "123456789012345"], "zeros in front stay, long numbers come whole")
    same((rows["0000000000002"]["model"], rows["0000000000002"]["group"], rows["0000000000002"]["enabled"]), ("CE308", "Группа трехфазные", True), "Cyrillic letters in a type are read as Latin")
    one = admin.read(f"/devices/{rows['0000000000001']['id']}")["lines"][0]
    profile = admin.read(f"/protocols/{one['protocol']}")
    same((one["link_uri"], one["link_title"], profile["title"], profile["parameters"], profile["devices"]),
         ("tcp://95.153.224.218:5279", "Импорт канала связи TCP", "01-598", {"physical": "16", "password": "***", "timeout": "35"}, 2), "rows of one name share channel and profile")
    typed = ["К с пробелом", "tcp ", " 10.9.0.1", " 5000", "П с пробелом", "dlms ", "17 ", "12345678", " 5", "Г", " CE307", " N19(N02)-CE207 (v4)(12.1)  "]
    same(send(admin, book([typed]))[0], 200, "blanks around what is typed are none of it")
    found = admin.post("/devices/find", {"serials": ["N19(N02)-CE207 (v4)(12.1)"]})[1]
    same((len(found["items"]), found["missing"]), (1, []), "those within a serial number stay")
    admin.ask("DELETE", f"/devices/{found['items'][0]['id']}")


def workbook_mistakes(admin):
    total = {what: admin.read("/" + what)["total"] for what in ("devices", "links", "protocols", "groups")}
    def wrong(change, rows=3, query=""):
        data = [[f"К{i}", "TCP", f"10.0.0.{i}", 5000 + i, f"П{i}", "DLMS", 100 + i, "12345678", 5, "Г", "CE307", f"9{i}"] for i in range(rows)]
        change(data)
        return send(admin, book(data), query)
    cases = ((1, "RS232", "B"), (2, "300.1.1.1", "C"), (2, "host", "C"), (3, 70000, "D"), (3, "x", "D"), (5, "IEC", "F"), (6, -1, "G"), (6, 65536, "G"), (3, 65536, "D"), (9, "", "J"), (9, "  ", "J"), (10, "CE318", "K"),
             (7, "", "H"), (7, "x" * 101, "H"), (8, 1.5, "I"), (9, "г" * 101, "J"), (10, "CE999", "K"), (11, None, "L"), (0, "", "A"), (4, None, "E"))
    for column, value, letter in cases:
        status, answer = wrong(lambda d: d[1].__setitem__(column, value))
        ok(status == 400 and f"{letter}3" in [m["where"] for m in answer["first"]], f"{value!r:.20} in {letter} is found", str(answer))
    status, answer = wrong(lambda d: d[2].__setitem__(0, "К1"))
    same((status, [m["where"] for m in answer["first"]], answer["first"][0]["message"]), (400, ["C4", "D4"], "у строк с одним именем значение должно быть одинаковым"), "one name, one address")
    status, answer = wrong(lambda d: d.insert(1, []))
    same((status, answer["first"][0]["where"]), (400, "A4"), "empty rows between others")
    status, answer = wrong(lambda d: d[2].__setitem__(11, "90"))
    same((status, [m["where"] for m in answer["first"]]), (400, ["L4"]), "a serial number twice")
    status, answer = send(admin, book(EXAMPLE))
    same((status, [m["where"] for m in answer["first"]]), (400, ["L2", "L3", "L4", "L5"]), "devices that there are")
    status, answer = wrong(lambda d: d[0].__setitem__(0, "Импорт канала CENC"))
    same((status, [m["where"] for m in answer["first"]]), (400, ["A2"]), "a channel of that name with another address")
    same(send(admin, book([], HEADS[:11]))[1]["first"][0]["message"], "нет столбца «серийный номер устройства»", "a column is missing")
    same(send(admin, book([]))[0], 400, "no devices")
    for junk in (b"PK\x03\x04" + b"\0" * 100, b"not a zip", book(EXAMPLE)[:-30]):
        same(send(admin, junk)[0], 400, "no workbook at all")
    same(send(admin, book(EXAMPLE), kind="application/json")[0], 415, "another kind of body")
    same({what: admin.read("/" + what)["total"] for what in total}, total, "none of these files changed anything")
    def edges(d):
        d[1][3], d[1][6], d[1][8], d[1][10] = 0, 65535, 65535, "se208"
    status, answer = wrong(edges)
    same(status, 200, "the ends of every range are taken, as table 6 says")
    edge = admin.read("/devices?search=91&model=CE208")["items"][0]
    line = admin.read(f"/devices/{edge['id']}")["lines"][0]
    same((line["link_uri"], admin.read(f"/protocols/{line['protocol']}")["parameters"]["physical"]), ("tcp://10.0.0.1:0", "65535"), "as they stand there")
    same(admin.ask("POST", "/devices/delete", {"ids": [d["id"] for d in admin.read("/devices?group=%D0%93")["items"]]})[1]["deleted"], 3, "taken away again")

    def two(d):
        d[0][1], d[2][2], d[2][6] = "RS232", "1.2.3", "x"
    status, answer = wrong(two)
    same((answer["mistakes"], [m["where"] for m in answer["first"]]), (3, ["B2", "C4", "G4"]), "all mistakes are told")
    marked = sheet_of(admin, f"/devices/import/{answer['report']}/errors.xlsx")
    rows = rows_of(marked)
    same((rows[0][-1], rows[1][-1], rows[2][-1]), ("Ошибка", "B2: такое значение недопустимо: нужно TCP", None), "the report has the rows and the reason in words")
    red = {c.coordinate for row in marked.active.iter_rows() for c in row if c.fill.fgColor.rgb == "FFFFC7CE"}
    same(red, {"B2", "C4", "G4"}, "and the wrong cells marked")
    same(admin.ask("GET", "/devices/import/00/errors.xlsx")[0], 404, "no such report")


def update_workbook(admin):
    workbook = sheet_of(admin, "/devices/export.xlsx?group=%D0%93%D1%80%D1%83%D0%BF%D0%BF%D0%B0%20%D1%82%D1%80%D0%B5%D1%85%D1%84%D0%B0%D0%B7%D0%BD%D1%8B%D0%B5")
    rows = rows_of(workbook)
    same((rows[0], [r[:10] for r in rows[1:]], [r[10:] for r in rows[1:]]),
         (HEADS, [["Импорт канала CENC", "TCP", "10.5.114.138", 50, "01-458", "DLMS", 15378, "1234567812345678", 35, "Группа трехфазные"]] * 2, [["CE308", "0000000000002"], ["CE307", "123456789012345"]]),
         "exported by filter, as it was imported")
    first = admin.read("/devices?search=0000000000001")["items"][0]["id"]
    same([r[11] for r in rows_of(sheet_of(admin, f"/devices/export.xlsx?ids={first}"))[1:]], ["0000000000001"], "or by ids")
    link = next(k for k in admin.read("/links")["items"] if k["title"] == "Импорт канала CENC")
    admin.ask("PATCH", f"/links/{link['id']}", {"revision": link["revision"], "exclusive": True, "soft7": True})
    changed = [list(r) for r in rows[1:]]
    for r in changed:
        r[3], r[8], r[9] = 51, 40, "Новая"
    changed[1][6], changed[1][7] = 777, "other-password-1"
    fresh = ["Ещё канал", "TCP", "10.5.0.1", 1, "01-458", "DLMS", 888, "1234567812345678", 40, "Новая", "CE307", "новый"]
    same(send(admin, book(changed))[0], 400, "without the word «update» nothing that is there is changed")
    status, answer = send(admin, book(changed + [fresh]), "?update=true")
    same((status, answer), (200, {"devices": 1, "updated": 2, "links": 2, "protocols": 1, "groups": 0}), "with it devices are changed and made")
    link = admin.read(f"/links/{link['id']}")
    same((link["uri"], link["exclusive"]), ("tcp://10.5.114.138:51?soft7", True), "the channel has the port, and all else it had")
    two = {d["serial"]: admin.read(f"/devices/{d['id']}") for d in admin.read("/devices?group=%D0%9D%D0%BE%D0%B2%D0%B0%D1%8F")["items"]}
    same({s: d["lines"][0]["address"] for s, d in two.items()}, {"0000000000002": "", "123456789012345": "777", "новый": "888"}, "an address that differs is the device's own")
    same(len(admin.read("/devices?search=0000000000002")["items"]), 1, "none was made twice")
    again = rows_of(sheet_of(admin, "/devices/export.xlsx?group=%D0%9D%D0%BE%D0%B2%D0%B0%D1%8F"))[1:]
    same(sorted(r[11] + str(r[6]) + r[7] for r in again), ["000000000000215378" + "1234567812345678", "123456789012345777other-password-1", "новый8881234567812345678"], "what the export says again")


def main():
    server = HeadEnd(folder() + "/svod.db")
    admin = server.admin
    manual_json(admin)
    mistakes_json(admin)
    another_database(own_parameters(admin))
    for d in admin.read("/devices")["items"]:
        admin.ask("DELETE", f"/devices/{d['id']}")
    import_workbook(admin)
    workbook_mistakes(admin)
    update_workbook(admin)
    log = admin.read("/log/security?kind=SSET_DEVICES_EXPORT")["items"]
    ok(len(log) == 5, "who took passwords along is in the security log")
    same(server.close(), 0, "the server ends in order, sanitizers silent")
    done()


main()
