"""What the server refuses, or cannot do."""

from typing import ClassVar

from casebook.errors.tree import RefusedError, UnavailableError


class ServerFolderError(RefusedError):
    """A command names a folder that is not, or already is, a server's."""

    code = "server.folder"
    texts: ClassVar = {
        "en": "{folder}: {why}. Nothing was changed.",
        "zh": "{folder}：{why}。未作任何更改。",
    }


class ServerAddressError(UnavailableError):
    """The server cannot listen where it was told to."""

    code = "server.address"
    texts: ClassVar = {
        "en": "The server cannot listen on {address} ({why}). Choose another --host or --port, or stop what uses it.",
        "zh": "服务器无法监听 {address}（{why}）。请更换 --host 或 --port，或停止占用该地址的程序。",
    }


class UnknownSiteError(RefusedError):
    """A command names a site or person that the study does not have."""

    code = "server.unknown"
    texts: ClassVar = {
        "en": "The study has no {what} “{name}”. Add it first.",
        "zh": "本研究没有 {what}“{name}”。请先添加。",
    }


class RoleRefusedError(RefusedError):
    """A role or site cannot be given to a person."""

    code = "server.role_refused"
    texts: ClassVar = {
        "en": "{name}: {why}. Nothing was changed.",
        "zh": "{name}：{why}。未作任何更改。",
    }
