"""Identifiers that follow from names, so that examples may quote them."""

from uuid import NAMESPACE_URL, uuid5

_NAMESPACE = uuid5(NAMESPACE_URL, "ccops-sandbox")


def identifier(kind: str, name: str) -> str:
    """Return the UUID of a named thing; equal arguments give equal ids, always."""
    return str(uuid5(_NAMESPACE, f"{kind}:{name}"))


def campaign_id_of(name: str) -> str:
    """Return the campaign id that a seeded campaign of this name has."""
    return identifier("campaign", name)


def activity_id_of(name: str) -> str:
    """Return the id of the primary_email activity of a seeded campaign of this name."""
    return identifier("activity", name)


def list_id_of(name: str) -> str:
    """Return the id of the seeded contact list of this name."""
    return identifier("list", name)
