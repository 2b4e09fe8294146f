"""Does everything between a laptop and the server pass on at once what it is given?

A proxy that keeps a request until it is whole takes the protocol its backbone: nothing is durable until everything
came, and a cut link begins anew each time. So half a request is sent, and the head of the answer is asked for: the
server begins to answer as soon as something has arrived.

Source: docs/operations.md, section "Behind nginx".
"""

import asyncio
import ssl
from urllib.parse import urlsplit

from casebook import crypto
from casebook.errors import ProxyBuffersError, ServerAnswerError, ServerNotTrustedError, ServerUnreachableError

PROBE = "/sync/v1/probe"
_HALF = bytes(1024)
_WAIT_S = 5.0
_HEAD = (
    "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/octet-stream\r\n"
    "Content-Length: {size}\r\nConnection: close\r\n\r\n"
)


async def prove(url: str, authority: bytes, *, wait_s: float = _WAIT_S) -> None:
    """Send half a request to `url` and wait for the head of the answer.

    Args:
        authority: The study's authority (DER), which the certificate there must be from.
        wait_s: How long an answer may take that nothing keeps back.

    Raises:
        ProxyBuffersError: Nothing came: something keeps requests until they are whole.
        ServerUnreachableError, ServerNotTrustedError: There is no server, or not this study's.
        ServerAnswerError: What answers is not a Casebook server.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=crypto.certificate_pem(authority).decode("ascii"))
    try:
        reader, writer = await asyncio.open_connection(host, parts.port or 443, ssl=context, server_hostname=host)
    except ssl.SSLError:
        raise ServerNotTrustedError(url=url) from None
    except OSError:
        raise ServerUnreachableError from None
    try:
        writer.write(_HEAD.format(path=PROBE, host=host, size=2 * len(_HALF)).encode("ascii") + _HALF)
        await writer.drain()
        async with asyncio.timeout(wait_s):
            status = await reader.readline()
    except TimeoutError:
        raise ProxyBuffersError(url=url) from None
    except OSError:
        raise ServerUnreachableError from None
    finally:
        writer.transport.abort()
    if status.split(b" ")[1:2] != [b"200"]:
        raise ServerAnswerError(why=status.decode("latin-1").strip() or "nothing")
