"""Miro's own client on what we send: every part of it is known, and its own requests are the same.

stdin: {"url", "token", "board", "made": our body of a new card, "changed": our body of a change}
stdout: {"made", "changed": the bodies as Miro's models understand them, "cards": [(id, type)]}
"""

from __future__ import annotations

import json
import sys

from miro_api.api import MiroApiEndpoints
from miro_api.api_client import ApiClient
from miro_api.configuration import Configuration
from miro_api.models.card_create_request import CardCreateRequest
from miro_api.models.card_update_request import CardUpdateRequest

job = json.load(sys.stdin)
made, changed = CardCreateRequest.from_dict(job["made"]), CardUpdateRequest.from_dict(job["changed"])
assert made is not None
assert changed is not None
for part in (made, made.data, made.style, made.position, changed, changed.style):
    assert part is not None
    assert not part.additional_properties, part.additional_properties

reached = Configuration(host=job["url"], access_token=job["token"])
miro = MiroApiEndpoints(ApiClient(reached, "Authorization", f"Bearer {job['token']}"))
card = miro.create_card_item(job["board"], made)
miro.update_card_item(job["board"], card.id, changed)
page = miro.get_items(job["board"], limit="50", type="card")
told = {"made": made.to_dict(), "changed": changed.to_dict(), "cards": [[one.id, one.type] for one in page.data]}
print(json.dumps(told, default=str))
