"""Well-known names of properties, and what is under them in real data.

Only where a schema says no more than a type: what it says itself goes before.
"""

from __future__ import annotations

import re
from fractions import Fraction
from random import Random

__all__ = ["number_named", "texts_named"]

_TEXTS: dict[str, tuple[str, ...]] = {
    "address": ("1 Example Street, Springfield", "22 Harbour Road, Riverside"),
    # Of a call: who makes it reads them as JSON.
    "arguments": ("{}", '{"city": "Riverside"}'),
    "avatar": ("https://example.com/avatar.png",),
    "birthday": ("1990-06-15", "1984-11-02"),
    "city": ("Springfield", "Riverside", "Lakewood", "Fairview"),
    "company": ("Example Inc.", "Amber Works Ltd.", "North River GmbH"),
    "country": ("Germany", "Canada", "Japan", "Brazil"),
    "countrycode": ("DE", "CA", "JP", "BR"),
    "currency": ("EUR", "USD", "JPY"),
    "date": ("2026-01-15", "2025-08-30", "2026-11-03"),
    "email": ("ada@example.com", "grace@example.com", "alan@example.org"),
    "firstname": ("Ada", "Grace", "Alan", "Katherine"),
    "fullname": ("Ada Lovelace", "Grace Hopper", "Alan Turing"),
    "host": ("api.example.com",),
    "image": ("https://example.com/image.png",),
    "ip": ("192.0.2.1", "192.0.2.17", "198.51.100.4"),
    "language": ("en", "de", "ja"),
    "lastname": ("Lovelace", "Hopper", "Turing", "Johnson"),
    "locale": ("en-US", "de-DE", "ja-JP"),
    "moment": ("2026-01-15T09:30:00Z", "2025-08-30T17:05:12Z", "2026-11-03T06:44:59Z"),
    "phone": ("+1 555 0100", "+1 555 0142", "+1 555 0177"),
    "slug": ("amber-river", "north-stone", "cedar-grove"),
    "street": ("1 Example Street", "22 Harbour Road"),
    "timezone": ("Europe/Berlin", "America/Toronto", "Asia/Tokyo"),
    "url": ("https://example.com/", "https://example.org/about"),
    "username": ("ada", "grace", "alan"),
    "uuid": ("123e4567-e89b-42d3-a456-426614174000", "0b8f2f4c-7d3a-4a31-9d7b-0f5a3c1e9b62"),
    "version": ("1.0.0", "1.4.2", "2.0.0"),
    "zipcode": ("10115", "94103", "60601"),
}
_ALIASES = {
    "avatarurl": "avatar", "birthdate": "birthday", "dateofbirth": "birthday", "dob": "birthday",
    "companyname": "company", "emailaddress": "email", "mail": "email", "familyname": "lastname",
    "givenname": "firstname", "displayname": "fullname", "hostname": "host", "href": "url",
    "homepage": "url", "imageurl": "image", "thumbnail": "image", "ipaddress": "ip",
    "lang": "language", "link": "url", "login": "username", "mobile": "phone",
    "organization": "company", "phonenumber": "phone", "postalcode": "zipcode",
    "postcode": "zipcode", "surname": "lastname", "telephone": "phone", "timestamp": "moment",
    "uri": "url", "website": "url", "zip": "zipcode", "guid": "uuid",
}  # fmt: skip
_MOMENT = re.compile(r"[a-z]+(?:ed|s)(?:at|on|time)|(?:start|end|modification|creation)time")
_NUMBERS: dict[str, tuple[str, ...]] = {
    "age": ("36", "41", "27"),
    "amount": ("9.99", "24.5", "120"),
    "latitude": ("52.52", "43.65", "35.68"),
    "longitude": ("13.405", "-79.38", "139.69"),
    "port": ("8080", "443"),
    "price": ("9.99", "24.5", "120"),
    "quantity": ("2", "1", "5"),
    "rating": ("4.5", "3.8", "5"),
    "year": ("2026", "2024", "2025"),
}
_NUMBER_ALIASES = {
    "balance": "amount", "cost": "price", "lat": "latitude", "lng": "longitude",
    "lon": "longitude", "subtotal": "amount", "totalamount": "amount", "totalprice": "amount",
    "unitprice": "price",
}  # fmt: skip


def texts_named(name: str) -> tuple[str, ...]:
    """Texts for a property of this name, the plainest first; none where it is not well known."""
    plain = _plain(name)
    if _MOMENT.fullmatch(plain) and plain not in ("repeat", "format"):
        return _TEXTS["moment"]
    return _TEXTS.get(_ALIASES.get(plain, plain), ())


def number_named(name: str, random: Random | None) -> Fraction | None:
    """A number for a property of this name; None where it is not well known."""
    plain = _plain(name)
    known = _NUMBERS.get(_NUMBER_ALIASES.get(plain, plain), ())
    if not known:
        return None
    return Fraction(known[0] if random is None else random.choice(known))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
