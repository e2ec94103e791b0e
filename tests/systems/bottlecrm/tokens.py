"""Gives out access tokens inside BottleCRM, by the model that its own pages use, and prints them as JSON."""

from __future__ import annotations

import json

import django

django.setup()

from common.models import PersonalAccessToken, Profile  # noqa: E402 — Django's models need its set-up

profile = Profile.objects.filter(role="ADMIN").order_by("created_at").first()
READS = ["leads:read", "opportunities:read", "invoices:read", "cases:read", "accounts:read"]


def token(name: str, scopes: list[str]) -> str:
    raw, _ = PersonalAccessToken.generate(profile, name, scopes)
    return str(raw)


print(
    json.dumps({"reader": token("reader", READS), "clerk": token("clerk", ["leads:read"]), "org": str(profile.org_id)})
)
