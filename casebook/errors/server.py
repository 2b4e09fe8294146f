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


class ProxyBuffersError(UnavailableError):
    """Something before the server keeps requests until they are whole."""

    code = "server.proxy_buffers"
    texts: ClassVar = {
        "en": (
            "What answers at {url} keeps requests until they are whole, so that a cut connection loses what it "
            "brought. Turn request buffering off there (nginx: proxy_request_buffering off), then test again."
        ),
        "zh": (
            "{url} 处的代理会先缓存整个请求再转发，连接一旦中断，已传的数据就会丢失。"
            "请关闭该处的请求缓冲（nginx：proxy_request_buffering off），然后重新测试。"
        ),
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
