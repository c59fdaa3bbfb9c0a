"""The few well-known shapes of text that a claim's fields must have. One definition, for forms and for rules."""

from __future__ import annotations

import re
from typing import Final

import idna

# RFC 1035: labels of up to 63 letters, digits and inner hyphens; at least two of them, and no number as the last.
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.){{1,10}}(?!\d+$){_LABEL}")
# RFC 5321 allows more in the local part; what mail providers accept is this.
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
_GUID: Final = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")


def is_guid(text: str) -> bool:
    """Whether ``text`` is a GUID with its hyphens, such as ``8f2c1a54-7d3e-4b19-9c55-0a6e2f7b1d48``."""
    return _GUID.fullmatch(text) is not None


def is_domain(text: str) -> bool:
    """Whether ``text`` is a DNS domain name (RFC 1035), international ones in their ASCII form."""
    return len(text) <= 253 and _DOMAIN.fullmatch(text.lower()) is not None


def to_ascii(text: str) -> str:
    """The ASCII form of an international domain (RFC 5891, typed as UTS 46 has it); anything else as it is."""
    if text.isascii():
        return text
    try:
        encoded = idna.encode(text, uts46=True).decode()
    except UnicodeError:
        return text
    return encoded if is_domain(encoded) else text


def readable_domain(domain: str) -> str:
    """A domain as people write it, behind it its ASCII form where that differs: letters of many scripts look alike."""
    if "xn--" not in domain:
        return domain
    try:
        return f"{idna.decode(domain)} ({domain})"
    except UnicodeError:
        return domain


def is_email(text: str) -> bool:
    """Whether ``text`` looks like an e-mail address: only delivery can tell more."""
    local, at, domain = text.rpartition("@")
    tidy = not (local.startswith(".") or local.endswith(".") or ".." in local)
    return bool(at) and tidy and _LOCAL.fullmatch(local) is not None and is_domain(domain)
