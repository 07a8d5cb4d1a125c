"""The scopes of an application and the privileges of a user, as far as the sandbox needs them."""

ALL_SCOPES = (
    "account_read",
    "account_update",
    "campaign_data",
    "contact_data",
    "offline_access",
)
"""Every scope the sandbox grants (docs)."""

ALL_PRIVILEGES = (
    "account:read",
    "account:update",
    "campaign:delete",
    "campaign:read",
    "campaign:send",
    "campaign:write",
    "contacts:lists:read",
    "contacts:lists:write",
    "contacts:read",
    "contacts:write",
    "ui:campaign:metrics",
)
"""What an owner may do; an owner really has some 94 of these (recorded)."""
