#!/usr/bin/env python3
"""Compares 'haplo-importd diff' with a comparison of its own: sets of many records in the forms of all four readers, edited at
random, spelled in another way, and read here by Python's own parsers.

diff.py PROGRAM [RECORDS [SEED]]; ends with 0 if both agree.
"""
import collections, json, os, random, subprocess, sys, tempfile
import xml.etree.ElementTree as tree
from xml.sax.saxutils import escape, quoteattr

PROGRAM = sys.argv[1]
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
READERS = {"json": "json", "children": "xml-text-of-children", "attributes": "xml-attributes", "table": "tsv-with-name-row"}
FIELDS = ["name", "email", "phone", "start", "tâche", "dept"]
LETTERS = "abcdefgh XYZ0123456789éß漢😀&<>'\"\\/|-"


def word(rng):
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(0, 12))).strip()


def value(rng, reader):
    if reader != "json":
        return word(rng)
    kind = rng.randrange(6)
    if kind == 0:
        return rng.randint(-10**6, 10**6)
    if kind == 1:
        return rng.randint(-1000, 1000) / 8
    if kind == 2:
        return rng.choice([True, False, None])
    if kind == 3:
        return [word(rng), rng.randint(0, 9), {"x": word(rng), "y": [1, None]}]
    return word(rng)


def record(rng, key, reader):
    fields = {"id": key}
    for field in FIELDS:
        if rng.random() < 0.9:
            fields[field] = value(rng, reader)
    return fields


def edited(rng, records, reader):
    result = [r for r in records if rng.random() > 0.03]
    for place, r in enumerate(result):
        if rng.random() < 0.05:
            changed = dict(r)
            for field in rng.sample(FIELDS, rng.randint(1, 3)):
                if rng.random() < 0.3:
                    changed.pop(field, None)
                else:
                    changed[field] = value(rng, reader)
            result[place] = changed
    result += [record(rng, f"new{i}", reader) for i in range(len(records) // 50)]
    rng.shuffle(result)
    return result


def write(rng, path, records, reader):
    def members(r):
        items = list(r.items())
        rng.shuffle(items)
        return items

    if reader == "json":
        texts = [json.dumps(dict(members(r)), ensure_ascii=rng.random() < 0.5, indent=rng.choice([None, 1])) for r in records]
        text = "[" + ",\n".join(texts) + "]\n"
    elif reader == "children":
        def child(name, text):
            text = escape(text)
            return f"<{name}>" + (text.encode("ascii", "xmlcharrefreplace").decode() if rng.random() < 0.5 else text) + f"</{name}>"
        text = "<all>" + "\n ".join("<p>" + rng.choice(["", "\n  "]).join(child(*m) for m in members(r)) + "</p>" for r in records) + "</all>"
    elif reader == "attributes":
        text = "<all>" + "\n".join("<p " + " ".join(f"{n}={quoteattr(v)}" for n, v in members(r)) + "/>" for r in records) + "</all>"
    else:
        columns = ["id"] + FIELDS
        rng.shuffle(columns)
        end = rng.choice(["\n", "\r\n"])
        text = end.join(["\t".join(columns)] + ["\t".join(r.get(c, "") for c in columns) for r in records]) + rng.choice(["", end])
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def read(path, reader):
    with open(path, encoding="utf-8", newline="") as file:
        if reader == "json":
            return json.load(file)
        if reader == "children":
            return [{c.tag: c.text or "" for c in p} for p in tree.parse(file).getroot()]
        if reader == "attributes":
            return [dict(p.attrib) for p in tree.parse(file).getroot()]
        rows = [row for row in file.read().replace("\r", "\n").split("\n") if row]
    columns = rows[0].split("\t")
    return [{c: v for c, v in zip(columns, row.split("\t")) if v} for row in rows[1:]]


def canonical(value):
    """A text that is equal where values are: 1 is 1.0, but True is not 1."""
    if isinstance(value, dict):
        return "{" + ",".join(sorted(json.dumps(k) + ":" + canonical(v) for k, v in value.items())) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value)


def expected_by_key(old, new):
    before, now = ({r["id"]: r for r in records} for records in (old, new))
    changed = {}
    for key in before.keys() & now.keys():
        names = before[key].keys() | now[key].keys()
        differ = {n for n in names if canonical(before[key].get(n, ...) if n in before[key] else "missing") !=
                  canonical(now[key][n] if n in now[key] else "missing") or (n in before[key]) != (n in now[key])}
        if differ:
            changed[key] = differ
    return before.keys() - now.keys(), now.keys() - before.keys(), changed


def run(config, source, new, old):
    result = subprocess.run([PROGRAM, "--config", config, "diff", "--json", "--source", source, new, old], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"diff ended with {result.returncode}: {result.stderr}")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    summaries = {l["key"]: l for l in lines if "change" not in l}
    changes = collections.defaultdict(list)
    for line in lines:
        if "change" in line:
            changes[line["key"], line["change"]].append(line)
    return summaries, changes


def check(what, found, expected):
    if found != expected:
        sys.exit(f"seed {SEED}, {what}: found {str(found)[:300]}\nexpected {str(expected)[:300]}")


def main():
    rng = random.Random(SEED)
    with tempfile.TemporaryDirectory() as root:
        config = f"{root}/haplo.conf"
        keys = "\n".join(f"RecordKey.{key}=id" for key in READERS)
        with open(config, "w") as file:
            file.write(f"[Server]\nURL=http://127.0.0.1:1\n[Daemon]\nSpoolDirectory={root}/spool\nStateDirectory={root}/state\n"
                       f"RuntimeDirectory={root}/run\n[Source keyed]\n{keys}\n[Source plain]\n")
        control = {"dataImportControlFileVersion": 0, "model": "std:person", "instructions": [],
                   "files": {key: {"read": reader} for key, reader in READERS.items()}}
        for folder in ("old", "new"):
            os.mkdir(f"{root}/{folder}")
            with open(f"{root}/{folder}/control.json", "w") as file:
                json.dump(control, file)
        sets = {}
        for reader in READERS:
            old = [record(rng, f"{reader}-{i}" if i % 3 else f"é{i}", reader) for i in range(COUNT)]
            for folder, records in (("old", old), ("new", edited(rng, old, reader))):
                path = f"{root}/{folder}/{reader}.txt"
                write(rng, path, records, reader)
                sets[reader, folder] = read(path, reader)
        summaries, changes = run(config, "keyed", f"{root}/new", f"{root}/old")
        for reader in READERS:
            old, new = sets[reader, "old"], sets[reader, "new"]
            removed, added, changed = expected_by_key(old, new)
            check(f"{reader} removed", {l["record"] for l in changes[reader, "removed"]}, set(removed))
            check(f"{reader} added", {l["record"] for l in changes[reader, "added"]}, set(added))
            check(f"{reader} changed", {l["record"]: set(l["fields"]) for l in changes[reader, "changed"]}, changed)
            numbers = {n: summaries[reader][n] for n in ("before", "now", "removed", "added", "changed")}
            check(f"{reader} numbers", numbers, {"before": len(old), "now": len(new), "removed": len(removed), "added": len(added), "changed": len(changed)})
        _, changes = run(config, "plain", f"{root}/new", f"{root}/old")
        for reader in READERS:
            old, new = ([canonical(r) for r in sets[reader, f]] for f in ("old", "new"))
            gone = collections.Counter(old) - collections.Counter(new)
            come = collections.Counter(new) - collections.Counter(old)
            check(f"{reader} gone", collections.Counter(old[int(l["record"]) - 1] for l in changes[reader, "removed"]), gone)
            check(f"{reader} come", collections.Counter(new[int(l["record"]) - 1] for l in changes[reader, "added"]), come)
    print(f"{4 * COUNT} records, seed {SEED}: 'diff' agrees with the other comparison")


main()
