"""A mail server, by SMTP."""

from __future__ import annotations

from kpisheets.delivery.smtp.server import Smtp

__all__ = ["Smtp"]
