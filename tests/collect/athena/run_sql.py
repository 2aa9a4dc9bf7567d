"""Loads records into a table of DuckDB as CloudTrail's SerDe would show them to Athena, translates a query of Athena's
for DuckDB, runs it, and prints its result: a list of rows of texts and nulls, the header first."""

import json
import sys
import tempfile

import duckdb
import sqlglot


def inside(kind):
    return kind[kind.index("<") + 1 : kind.rindex(">")]


def split(text):
    """What stands between the commas that are in no brackets."""
    depth, parts = 0, [""]
    for c in text:
        depth += (c in "<(") - (c in ">)")
        if c == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return parts


def of_struct(kind):
    return [part.split(":", 1) for part in split(inside(kind))]


def duck(kind):
    """A type of Hive's as DuckDB has it."""
    if kind.startswith("struct<"):
        return "STRUCT(" + ", ".join(f'"{name}" {duck(inner)}' for name, inner in of_struct(kind)) + ")"
    if kind.startswith("array<"):
        return duck(inside(kind)) + "[]"
    if kind.startswith("map<"):
        key, value = split(inside(kind))
        return f"MAP({duck(key)}, {duck(value)})"
    return {"string": "VARCHAR", "int": "INTEGER", "bigint": "BIGINT"}.get(kind, kind.upper())


def shown(value, kind):
    """A value of JSON as the SerDe gives it to a column of this type: what is deeper than a string is its JSON."""
    if value is None:
        return None
    if kind.startswith("struct<"):
        if not isinstance(value, dict):
            return None
        lower = {name.lower(): inner for name, inner in value.items()}
        return {name: shown(lower.get(name.lower()), inner) for name, inner in of_struct(kind)}
    if kind.startswith("array<"):
        return [shown(inner, inside(kind)) for inner in value] if isinstance(value, list) else None
    if kind.startswith("map<"):
        return {k: shown(v, split(inside(kind))[1]) for k, v in value.items()} if isinstance(value, dict) else None
    if kind == "string" and not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return int(value) if kind == "bigint" else value


given = json.load(sys.stdin)
columns = [tuple(column) for column in given["columns"]]
keys = [tuple(key) for key in given["keys"]]
database = duckdb.connect()
database.execute("CREATE SCHEMA security")
types = {name: duck(kind) for name, kind in columns + keys}
listed = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
database.execute(f"CREATE TABLE security.cloudtrail_logs ({listed})")
with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as lines:
    for record, partition in given["records"]:
        row = shown(record, "struct<" + ",".join(f"{name}:{kind}" for name, kind in columns) + ">")
        row.update(dict(zip([name for name, _ in keys], partition)))
        lines.write(json.dumps(row) + "\n")
    lines.flush()
    spec = ", ".join("'" + name + "': '" + kind.replace("'", "''") + "'" for name, kind in types.items())
    database.execute(
        f"INSERT INTO security.cloudtrail_logs SELECT * FROM read_json('{lines.name}', "
        f"format='newline_delimited', columns={{{spec}}}, maximum_object_size=100000000)"
    )
count = database.execute("SELECT count(*) FROM security.cloudtrail_logs").fetchone()[0]
assert count == len(given["records"]), f"{count} of {len(given['records'])} were loaded"
(translated,) = sqlglot.transpile(given["sql"], read="athena", write="duckdb")
result = database.execute(translated)
header = [column[0] for column in result.description]
text = lambda cell: None if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell)
print(json.dumps([header] + [[text(cell) for cell in row] for row in result.fetchall()]))
