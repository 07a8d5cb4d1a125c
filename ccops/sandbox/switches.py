"""The switches: one for every fact that only the live API could settle."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A question about the vendor, with the answer pretended by default and the others known."""

    default: bool | int | float | str
    choices: tuple[bool | int | float | str, ...]
    meaning: str
    when_true: int | None = None


def _flag(meaning: str) -> Switch:
    return Switch(default=False, choices=(False, True), meaning=meaning)


def _choice(meaning: str, *choices: float | str) -> Switch:
    return Switch(default=choices[0], choices=choices, meaning=meaning)


def _amount(meaning: str, *, when_true: int | None = None) -> Switch:
    return Switch(default=0, choices=(), meaning=meaning, when_true=when_true)


SWITCHES: dict[str, Switch] = {
    "strict_auth": _flag("accept only tokens this sandbox knows, alive"),
    "removed_listed": _flag("GET /emails lists removed campaigns"),
    "removed_readable": _flag("GET /emails/{id} answers for removed ones"),
    "put_scheduled": _choice(
        "PUT on SCHEDULED; half: an error, recipients applied", "refuse", "half"
    ),
    "put_done": _choice("PUT on DONE is allowed for", "format_3", "any", "refuse"),
    "put_error": _choice("PUT on ERROR", "refuse", "accept"),
    "put_unknown_recipients": _choice("PUT with unknown or deleted ids", "accept", "refuse"),
    "schedule_scheduled": _choice("POST schedules on SCHEDULED", "refuse", "overwrite"),
    "schedule_past": _choice("POST schedules with a past date", "refuse", "send"),
    "schedule_status": _choice("status of an accepted POST schedules", 201, 200),
    "send_now_answer": _choice('answer to "0"', "empty", "element"),
    "sender_check": _choice("unconfirmed senders are refused at", "never", "schedule", "send"),
    "lists_default_status": _choice("GET /contact_lists without status", "active", "all"),
    "refresh_tokens": _choice("kind of refresh tokens", "rotating", "long_lived"),
    "consent": _choice("what the account owner answers at /authorize", "grant", "deny"),
    "device_refresh": _flag("the device flow gives a refresh token"),
    "device_interval": Switch(default=5, choices=(), meaning="seconds between a device's polls"),
    "device_slow_down": _amount("next polls of devices that are answered slow_down"),
    "token_throttle": _amount("token requests per real second and client; 0 is off", when_true=1),
    "send_seconds": _amount("seconds a send stays EXECUTING"),
    "read_lag": _amount("seconds by which GET activity and GET schedules are behind"),
    "segment_contacts_pending": _amount("next answers of contacts?segment_id that are 202"),
    "throttle": _amount("requests per real second and API key; 0 is off", when_true=4),
    "quota": _amount("requests per virtual day and API key; 0 is off", when_true=10_000),
}


def check_switch(name: str, value: object) -> bool | int | float | str:
    """Return the value as the switch keeps it.

    Raises:
        ValueError: no such switch, or not one of its values.
    """
    if name not in SWITCHES:
        raise ValueError(f"no switch {name!r}; there are {', '.join(sorted(SWITCHES))}")
    switch = SWITCHES[name]
    if switch.choices:
        return _one_of(name, switch, value)
    if isinstance(value, bool):
        return (switch.when_true or 1) if value else 0
    if isinstance(value, (int, float)) and value >= 0:
        return value
    raise ValueError(f"{name} is a number, 0 or more")


def _one_of(name: str, switch: Switch, value: object) -> bool | int | float | str:
    for choice in switch.choices:
        if type(choice) is type(value) and choice == value:
            return choice
    raise ValueError(f"{name} is one of {', '.join(map(repr, switch.choices))}")
