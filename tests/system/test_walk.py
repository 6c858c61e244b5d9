#!/usr/bin/env python3
"""The whole table of routes walked with every role and with nobody: whoever lacks a route's permission is refused, whatever
the id; whoever has it finds nothing under an unknown id, and nothing of another project. All of it is read from the
description of the API, so a new route is walked without a word here."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import Client, HeadEnd, code
from running import done, folder, import_meters, ok, same

UNKNOWN = 987654321
# What a text or number must be where its kind alone does not say it: the name of the field, then the value.
SENSE = {"uri": "tcp://127.0.0.1:9", "driver": "spodes", "serial": "77000001", "password": "first-1", "login": "walker", "to": "a@example.org", "role": 3,
         "permissions": ["Read.Devices"], "parameters": {"transport": "wrapper"}, "email": "a@example.org", "work": {"states": True}}


class Book:
    """The description, read."""

    def __init__(self, client):
        self.about = client.get("/openapi.json")[1]
        self.operations = [(path, method.upper(), o) for path, methods in self.about["paths"].items() for method, o in methods.items()]

    def schema(self, s):
        return self.about["components"]["schemas"][s["$ref"].split("/")[-1]] if "$ref" in s else s

    def value(self, name, s, depth=0):
        """Something that fits."""
        s = self.schema(s)
        kind = s.get("type")
        kind = kind[0] if isinstance(kind, list) else kind
        if name in SENSE and s.get("x-format") != "time":
            return SENSE[name]
        if "enum" in s:
            return next(w for w in s["enum"] if w or len(s["enum"]) == 1)
        if kind == "integer":
            return max(1, s.get("minimum", 1))
        if kind == "boolean":
            return True
        if kind == "number":
            return 1
        if kind == "array":
            return [self.value("", s["items"], depth + 1) for _ in range(max(1, s.get("minItems", 0)))] if depth < 6 else []
        if kind == "object":
            return self.object(s, depth + 1)
        if s.get("x-format") == "time":
            return "2026-11-01"
        return "w" * max(1, s.get("minLength", 0))

    def object(self, s, depth=0, all_fields=False):
        s = self.schema(s)
        wanted = s.get("properties", {}) if all_fields else s.get("required", [])
        return {name: self.value(name, s["properties"][name], depth) for name in wanted}

    def body(self, operation):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        return None if content is None else self.object(content["schema"])

    def query(self, operation):
        words = [(p["name"], self.value(p["name"], p["schema"])) for p in operation["parameters"] if p["in"] == "query" and p["required"]]
        return "&".join("%s=%s" % (n, ",".join(map(str, v)) if isinstance(v, list) else v) for n, v in words)

    def address(self, path, operation, ids=None):
        """The path with its parameters filled: numbers by `ids` of their names, else unknown ones."""
        kinds = {p["name"]: p["schema"].get("type") for p in operation["parameters"] if p["in"] == "path"}
        usual = {"integer": UNKNOWN, "string": "unknown"}
        filled = re.sub(r"\{(\w+)\}", lambda m: str((ids or {}).get(m.group(1), usual[kinds[m.group(1)]])), path)
        query = self.query(operation)
        return filled + ("?" + query if query else "")


def ask(client, book, path, method, operation, ids=None):
    """Status and answer. Streams are not awaited: their head suffices."""
    content = next(iter(operation["responses"]["2XX"]["content"]), "")
    if content == "text/event-stream":
        return client.head_of(method, book.address(path, operation, ids)), None
    return client.ask(method, book.address(path, operation, ids), book.body(operation))


def head_of(client, method, address):
    import socket
    with socket.create_connection(("127.0.0.1", client.port), 60) as s:
        cookie = "Cookie: svod=%s\r\n" % client.cookie if client.cookie else ""
        csrf = "X-Svod-Csrf: %s\r\n" % client.csrf if client.csrf else ""
        s.sendall(("%s %s HTTP/1.1\r\nHost: x\r\n%s%s\r\n" % (method, address, cookie, csrf)).encode())
        return int(s.recv(64).split()[1])


Client.head_of = head_of


def walk_nobody(book, port):
    wrong = []
    for path, method, o in book.operations:
        if o["x-permission"] == "anybody":
            continue
        status, answer = ask(Client(port), book, path, method, o)
        if status != 401 or (answer and code(answer) != "sign-in-required"):
            wrong.append((method, path, status))
    same(wrong, [], "nobody gets in by any of %d routes" % len(book.operations))


def walk_role(book, name, client):
    """Routes that need more than the role has, asked with ids that do and do not exist."""
    may = set(client.get("/session")[1]["permissions"])
    wrong, refused = [], 0
    for path, method, o in book.operations:
        wanted = o["x-permission"]
        if wanted in ("anybody", "signed-in") or wanted in may:
            continue
        for ids in ({}, {n: 1 for n in re.findall(r"\{(\w+)\}", path)}) if "{" in path else ({},):
            status, answer = ask(client, book, path, method, o, ids)
            refused += 1
            if status != 403 or (answer and code(answer) != "forbidden"):
                wrong.append((method, path, status, code(answer)))
    same(wrong, [], "%s: %d times refused what it may not" % (name, refused))
    return refused


def walk_unknown(book, admin):
    """Who may everything finds nothing under an id that nobody has."""
    wrong, looked = [], 0
    for path, method, o in book.operations:
        numbers = [p["name"] for p in o["parameters"] if p["in"] == "path" and p["schema"].get("type") == "integer"]
        if not numbers:
            continue
        looked += 1
        status, answer = ask(admin, book, path, method, o)
        if status != 404 or code(answer) != "not-found":
            wrong.append((method, path, status, answer))
    same(wrong, [], "%d routes find nothing under an unknown id" % looked)


def make(book, client, path, operation):
    """POSTs a body of what is required; fields that the server asks for beyond that are added."""
    body = book.body(operation) or {}
    schema = book.schema(operation["requestBody"]["content"]["application/json"]["schema"]) if "requestBody" in operation else {}
    for _ in range(6):
        status, answer = client.ask("POST", path, body)
        wanted = [f["field"].split("[")[0].split(".")[0] for f in answer.get("error", {}).get("fields", [])] if status == 400 else []
        more = {n: book.value(n, schema["properties"][n]) for n in wanted if n in schema.get("properties", {}) and n not in body}
        if not more:
            break
        body.update(more)
    return status, answer


def make_things(book, client):
    """One of everything that a POST on a collection makes, by the collection's path; devices first, others are about them."""
    made = {}
    for path, method, o in sorted(book.operations, key=lambda row: row[0] != "/api/v1/devices"):
        has_items = any(p.startswith(path + "/{") and "integer" in str(q["parameters"]) for p, _, q in book.operations)
        if method != "POST" or "{" in path or not has_items:
            continue
        status, answer = make(book, client, path, o)
        number = answer.get("id") or next(iter(answer.get("ids", [])), None)
        if status in (201, 202) and number:
            made[path] = number
        else:
            print("# %s is not made: %s %s" % (path, status, answer))
        if path == "/api/v1/devices":
            SENSE["devices"] = [number]
    return made


def walk_foreign(book, admin, places):
    """The project's things are gone for who works in the other one: the answer is the one of an unknown id, byte by byte."""
    admin.patch("/session", {"project": places[1]})
    made = make_things(book, admin)
    ok({"/api/v1/devices", "/api/v1/links", "/api/v1/groups", "/api/v1/tasks", "/api/v1/runs"} <= set(made), "things of every kind are made in the second project", made)
    walker = Client(admin.port)
    walker.sign_in("walker-of-one", "second-2")
    same(walker.get("/session")[1]["project"], places[0], "somebody works in the first alone")
    wrong, looked = [], 0
    for path, method, o in book.operations:
        owner = next((c for c in sorted(made, key=len, reverse=True) if path.startswith(c + "/{")), None)
        if not owner or owner == "/api/v1/tokens":
            continue
        parameter = re.match(r"\{(\w+)\}", path[len(owner) + 1:]).group(1)
        looked += 1
        foreign = ask(walker, book, path, method, o, {parameter: made[owner]})
        unknown = ask(walker, book, path, method, o)
        if foreign != unknown or foreign[0] not in (404, 409):
            wrong.append((method, path, foreign, unknown))
    same([w for w in wrong if not w[1].startswith(("/api/v1/roles", "/api/v1/projects", "/api/v1/users"))], [], "%d routes do not know another project's things" % looked)
    people = [w for w in wrong if w[1].startswith(("/api/v1/projects", "/api/v1/users"))]
    same(people, [], "nor its people and itself")
    admin.patch("/session", {"project": places[0]})


def main():
    place = folder()
    import_meters(place + "/svod.db", [(10000001, "Meter", "spodes", "tcp://127.0.0.1:9", "transport=wrapper;password=111111", "House", "current,day=2")])
    server = HeadEnd(place + "/svod.db")
    admin = server.admin
    book = Book(admin)
    roles = {r["name"]: r for r in admin.get("/roles")[1]["items"]}
    walk_nobody(book, server.port)
    refused = 0
    for name, role in roles.items():
        login = "walk-" + re.sub(r"\W", "", name.lower())
        admin.post("/users", {"login": login, "role": role["id"], "password": "first-1"})
        if name != "Administrator":
            refused += walk_role(book, name, server.client(login, "first-1", "second-2"))
    ok(refused > 100, "refusals were met", refused)
    walk_unknown(book, admin)
    # Somebody who may everything but see all projects: he meets the walls between them.
    everything = [p for p in roles["Administrator"]["permissions"] if p != "Create.Projects"]
    own = admin.post("/roles", {"name": "Everything in one project", "permissions": everything})[1]["id"]
    second = admin.post("/projects", {"title": "Second"})[1]["id"]
    admin.post("/users", {"login": "walker-of-one", "role": own, "password": "first-1"})
    server.client("walker-of-one", "first-1", "second-2")
    walk_foreign(book, admin, (1, second))
    same(server.close(), 0, "the server ends in order, sanitizers silent")
    done()


main()
