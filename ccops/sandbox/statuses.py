"""The words of the vendor for statuses and types, in the several cases in which it writes them."""

from ccops.sandbox.records import Campaign
from ccops.sandbox.tables import Tables

_TYPES = {10: "NEWSLETTER", 26: "CUSTOM_CODE_EMAIL", 57: "AB_TEST"}


def campaign_status(world: Tables, campaign: Campaign) -> str:
    """Return the status in upper case, as GET /emails/{id} writes it (recorded)."""
    return "REMOVED" if campaign.removed else world.primary(campaign).status


def listed_status(world: Tables, campaign: Campaign) -> str:
    """Return the status capitalised, as GET and POST /emails write it (recorded)."""
    return campaign_status(world, campaign).capitalize()


def type_name(type_code: int) -> str:
    """Return the `type` of a type_code (recorded)."""
    return _TYPES.get(type_code, f"TYPE_{type_code}")
