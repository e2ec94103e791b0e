"""A tap of the first generation: singer-python's own writers, a catalog without methods, an inclusive bookmark."""

import csv
import json
import sys
from pathlib import Path

import singer

args = singer.utils.parse_args(["path"])
SCHEMA = {"properties": {name: {"type": ["null", "string"]} for name in ("id", "day", "amount", "word")}}
if args.discover:
    print(json.dumps({"streams": [{"tap_stream_id": "orders", "stream": "orders", "schema": SCHEMA}]}))
    sys.exit()
(entry,) = args.catalog.streams if args.catalog else [None]
if entry is not None and not entry.is_selected():
    sys.exit("nothing is selected")
since = int(singer.get_bookmark(args.state, "orders", "id", -1))
singer.write_schema("orders", SCHEMA, ["id"], bookmark_properties=["id"])
for path in sorted(Path(args.config["path"]).glob("*.csv")):
    with path.open() as file:
        for record in csv.DictReader(file):
            if int(record["id"]) >= since:
                singer.write_record("orders", record)
                since = int(record["id"])
                singer.write_state(singer.write_bookmark({}, "orders", "id", since))
