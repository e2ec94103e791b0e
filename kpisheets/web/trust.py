"""Whom a connection is believed to lead to: certificates are always verified."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from pathlib import Path

from kpisheets.errors import BadConfig


def trusted(ca: str = "", root: Path = Path()) -> ssl.SSLContext:
    """What this machine trusts, and with ``ca`` (a file of PEM certificates) whoever these vouch for.

    BadConfig where the file cannot be read, or holds no certificate.
    """
    context = ssl.create_default_context()
    if ca:
        try:
            context.load_verify_locations(root / Path(ca).expanduser())
        except (OSError, ssl.SSLError) as error:
            no_pem = isinstance(error, ssl.SSLError)
            reason = "it holds no certificate in PEM form" if no_pem else (error.strerror or str(error)).lower()
            mend = "name the certificate of your own authority, a text that begins with -----BEGIN CERTIFICATE-----"
            raise BadConfig(f"the file {ca}: {reason}", where="kpisheets.toml, [mail] ca", mend=mend) from error
    return context


def is_this_machine(host: str) -> bool:
    """Whether what is sent there leaves this machine."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def trouble(error: BaseException, seconds: float) -> str:
    """Why a connection could not be made, for a person; blank for what is no trouble of the network."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return "no encrypted connection could be made"
        case TimeoutError():
            return f"no answer within {seconds:.0f} seconds"
        case ConnectionRefusedError():
            return "nothing answers there"
        case socket.gaierror():
            return "no such host is known"
        case OSError():
            return f"it cannot be reached: {error.strerror or 'unknown host'}"
    return ""
