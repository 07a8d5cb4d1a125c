"""Every shape in which the vendor says no. There are several, and a client must read them all."""

from collections.abc import Mapping


class ApiError(Exception):
    """A refusal: the HTTP status and the JSON document of its body."""

    def __init__(self, status: int, document: object) -> None:
        super().__init__(status, document)
        self.status = status
        self.document = document


def _entry(key: str, message: str) -> Mapping[str, str]:
    return {"error_key": key, "error_message": message}


def normal(status: int, key: str, *messages: str) -> ApiError:
    """Make the normal envelope: an array with one entry per message (spec)."""
    return ApiError(status, [_entry(key, message) for message in messages])


def bad_request(*messages: str) -> ApiError:
    """Make a 400. The vendor publishes no keys for its validations, so this key is ours (inferred)."""
    return normal(400, "validation_error", *messages)


def not_found(what: str) -> ApiError:
    """Make a 404 with the array envelope (spec; the key is inferred)."""
    return normal(404, "not_found", f"{what} was not found.")


def conflict(message: str) -> ApiError:
    """Make a 409, for example for a name that is not unique (spec)."""
    return normal(409, "conflict", message)


def unsupported_media_type() -> ApiError:
    """Make the 415 for a body that is not application/json (spec)."""
    return normal(415, "unsupported_media_type", "Content-Type must be application/json.")


def method_not_allowed() -> ApiError:
    """Make a 405 for a known path and an unknown method (inferred)."""
    return normal(405, "method_not_allowed", "Request method is not supported.")


def unauthorized() -> ApiError:
    """Make the 401: one object, no array (spec; client code branches on exactly this key)."""
    return ApiError(401, _entry("unauthorized", "Unauthorized"))


def access_denied() -> ApiError:
    """Make the 403 for a missing scope or privilege: one object, no array (docs)."""
    message = "Request forbidden due to insufficient user privileges."
    return ApiError(403, _entry("access_denied", message))


def gateway_forbidden() -> ApiError:
    """Make the 403 of the gateway in front of the API, for paths outside /v3 (probe)."""
    return ApiError(403, {"message": "Forbidden"})


def throttled() -> ApiError:
    """Make the 429 of the per-second limit: one object, no Retry-After (docs)."""
    return ApiError(429, _entry("throttled", "API call rate limit exceeded; slow down."))


def quota_exceeded() -> ApiError:
    """Make the 429 of the daily limit: one object, no Retry-After (docs)."""
    return ApiError(429, _entry("quota_exceeded", "API call quota exceeded for today."))


def oauth_error(error: str, description: str, status: int = 400) -> ApiError:
    """Make the token endpoint's refusal, in OAuth's own shape (recorded)."""
    return ApiError(status, {"error": error, "error_description": description})
