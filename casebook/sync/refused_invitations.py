"""Why an invitation that was made offline was not taken, in words.

Source: docs/sync_protocol.md, section "Invitations".
"""

from casebook.errors import InvitationRefusedError
from casebook.sync.trust import RefusedInvitation

_WHY_REFUSED = {
    "taken": {
        "en": "that user name belongs to somebody else by now.",
        "zh": "该用户名已被他人使用。",
    },
    "no-right": {
        "en": "whoever invited may not let people in.",
        "zh": "邀请人没有添加人员的权限。",
    },
    "role": {
        "en": "that role is given by the data manager alone.",
        "zh": "该角色只能由数据管理员授予。",
    },
}
_WHY_ELSE = {"en": "it does not fit this laptop or study.", "zh": "邀请与本机或本研究不符。"}


def refusal_notice(refusal: RefusedInvitation) -> InvitationRefusedError:
    """Return what the user is told of a refused invitation."""
    return InvitationRefusedError(name=refusal.name, user=refusal.user, why=_WHY_REFUSED.get(refusal.why, _WHY_ELSE))
