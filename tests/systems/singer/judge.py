"""What a tap's output says, by singer-python's own parser: the last record of each key, one JSON line each."""

import json
import sys

import singer

keys, found = {}, {}
for line in sys.stdin:
    message = singer.parse_message(line)
    if isinstance(message, singer.SchemaMessage):
        keys[message.stream] = message.key_properties or []
    elif isinstance(message, singer.RecordMessage):
        mark = [message.record[key] for key in keys[message.stream]] or [len(found)]
        found[message.stream, json.dumps(mark)] = message.record
for record in found.values():
    print(json.dumps(record, default=str))
