"""What the server offers, as an OpenAPI document: for tests and for whoever writes another laptop.

The routes read bodies as bytes, so what they take and answer is added here: the media types, and each problem that
can be answered. Nothing serves this document; the command `openapi` prints it.

Source: OpenAPI 3.1; RFC 9457; docs/sync_protocol.md, section "Problems".
"""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from casebook.sync import problems

FRAMES = "application/crf-frames"
_JSON = "application/json"
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_PREFIX = "/sync/v1/"
_BODIES = {"exchange": FRAMES, "chunks": FRAMES, "enrol": _JSON, "people": _JSON, "probe": "application/octet-stream"}
_CUT = 408


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the description of an application's routes."""
    document = app.openapi()
    for path, methods in document["paths"].items():
        name = path.removeprefix(_PREFIX)
        for method, operation in methods.items():
            operation["security"] = []
            operation["responses"] |= _put_off()
            if method == "post":
                _describe_post(operation, _BODIES[name])
        if name == "authority":
            methods["get"]["responses"]["200"]["content"] = {"application/pkix-cert": _BINARY}
        if name == "health":
            failing = methods["get"]["responses"][str(int(HTTPStatus.SERVICE_UNAVAILABLE))]
            failing["content"] |= methods["get"]["responses"]["200"]["content"]
    return document


def _describe_post(operation: dict[str, Any], media_type: str) -> None:
    operation["requestBody"] = {"required": True, "content": {media_type: _BINARY if media_type != _JSON else {}}}
    if media_type == _JSON:
        operation["requestBody"]["content"][_JSON] = {"schema": {"type": "object"}}
    answers = operation["responses"]
    if media_type == FRAMES:
        answers["200"]["content"] = {FRAMES: _BINARY}
    for one in problems.PROBLEMS:
        answers.setdefault(str(one.status), {"description": one.title, "content": _problem()})
    answers[str(_CUT)] = {"description": "The request was cut, or stood still"}


def _put_off() -> dict[str, Any]:
    return {
        str(int(HTTPStatus.SERVICE_UNAVAILABLE)): {
            "description": "Too much to do, or not able to work now",
            "headers": {"Retry-After": {"schema": {"type": "integer"}}},
            "content": _problem(),
        }
    }


def _problem() -> dict[str, Any]:
    return {
        problems.MEDIA_TYPE: {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string", "pattern": "^urn:casebook:problem:"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                },
            }
        }
    }
