"""What is refused by rights and by what stands over entries: queries, flags, signatures, rulings, delegations."""

from typing import ClassVar

from casebook.errors.tree import RefusedError


class RightMissingError(RefusedError):
    """A role does not have a right."""

    code = "rights.role"
    texts: ClassVar = {
        "en": "{person} has a role that may not {act}. Ask for it: {ask}.",
        "zh": "{person} 的角色无权{act}。请联系：{ask}。",
    }


class FormOfOthersError(RefusedError):
    """A form is for other roles to enter or to sign."""

    code = "rights.form"
    texts: ClassVar = {
        "en": "{form} is for another role: {person} may not {act} there. Ask for it: {ask}.",
        "zh": "{form} 由其他角色负责：{person} 无权在此{act}。请联系：{ask}。",
    }


class FormNotSeenError(RefusedError):
    """A role does not see a form."""

    code = "rights.not_seen"
    texts: ClassVar = {
        "en": "{form} is not shown to {person}'s role. Ask for it: {ask}.",
        "zh": "{person} 的角色不能查看 {form}。请联系：{ask}。",
    }


class AssessedBlindError(RefusedError):
    """Somebody who can know the treatment enters what only a blinded assessor may enter."""

    code = "rights.assessed_blind"
    texts: ClassVar = {
        "en": "{form} is assessed by somebody who does not know the treatment, and {person} can know it. "
        "Ask for it: {ask}.",
        "zh": "{form} 应由不知道分组的人员评估，而 {person} 可以得知分组。请联系：{ask}。",
    }


class DelegationMissingError(RefusedError):
    """Somebody acts outside the site's delegation log."""

    code = "rights.delegation"
    texts: ClassVar = {
        "en": "The delegation log has no line that lets {person} {act} on {day}. Ask for one: {ask}.",
        "zh": "授权分工表中没有 {person} 在 {day} 可以{act}的记录。请联系：{ask}。",
    }


class OtherSiteError(RefusedError):
    """Somebody acts at a site that was not given to them."""

    code = "rights.other_site"
    texts: ClassVar = {
        "en": "{person} does not work for site {site}. Ask the data manager to look at the account.",
        "zh": "{person} 未被分配到 {site} 中心。请联系数据管理员核查该账户。",
    }


class AccountWithdrawnError(RefusedError):
    """Somebody acts whose account was withdrawn."""

    code = "rights.withdrawn"
    texts: ClassVar = {
        "en": "The account of {person} was withdrawn. What was recorded stays; ask the data manager.",
        "zh": "{person} 的账户已停用。既有记录保持不变；请联系数据管理员。",
    }


# -- queries ----------------------------------------------------------------------------------------------


class QueryTextRequiredError(RefusedError):
    """A query is raised, answered or raised again without words."""

    code = "query.text_required"
    texts: ClassVar = {
        "en": "Say in words what is asked or answered, then confirm again.",
        "zh": "请写明询问或答复的内容，然后再次确认。",
    }


class QueryClosedError(RefusedError):
    """A closed query is answered or closed."""

    code = "query.closed"
    texts: ClassVar = {
        "en": "This query is closed. Data management can reopen it.",
        "zh": "此质疑已关闭。数据管理人员可以重新打开。",
    }


class QueryStillOpenError(RefusedError):
    """A query that is not closed is opened again."""

    code = "query.still_open"
    texts: ClassVar = {
        "en": "This query is not closed, so it need not be reopened. Write what you want to add as an answer or a new "
        "query.",
        "zh": "此质疑尚未关闭，无需重新打开。如需补充，请答复或另提质疑。",
    }


class QueryNeedsSubjectError(RefusedError):
    """A query is raised about something wider than a subject."""

    code = "query.needs_subject"
    texts: ClassVar = {
        "en": "A query is about a subject, a visit, a form or an item. Choose one of them.",
        "zh": "质疑须针对受试者、访视、表单或项目。请选择其一。",
    }


# -- flags ------------------------------------------------------------------------------------------------


class FlagReasonRequiredError(RefusedError):
    """Something is frozen, locked or opened again without a reason."""

    code = "flag.reason_required"
    texts: ClassVar = {
        "en": "Give a reason to {act}, then confirm again.",
        "zh": "请说明{act}的原因，然后再次确认。",
    }


class FlagUnchangedError(RefusedError):
    """A flag is set where it is set, or cleared where it is not."""

    code = "flag.unchanged"
    texts: ClassVar = {
        "en": "Nothing changes: the flag “{flag}” stands here as you ask for. A flag that was set for a wider scope is "
        "cleared there.",
        "zh": "没有变化：此处的“{flag}”标记已是所要求的状态。对更大范围设置的标记须在该范围取消。",
    }


class FormFrozenError(RefusedError):
    """Something is entered into a frozen form."""

    code = "flag.frozen"
    texts: ClassVar = {
        "en": "{form} was frozen by {person}: nothing is entered now. Ask to have it opened: {ask}.",
        "zh": "{form} 已由 {person} 冻结，目前不能录入。如需解冻，请联系：{ask}。",
    }


class FormLockedError(RefusedError):
    """Something is entered into a locked form."""

    code = "flag.locked"
    texts: ClassVar = {
        "en": "{form} was locked by {person}: nothing is entered any more. Ask to have it unlocked: {ask}.",
        "zh": "{form} 已由 {person} 锁定，不能再录入。如需解锁，请联系：{ask}。",
    }


class NothingToVerifyError(RefusedError):
    """An item is marked as verified that has no value, or is in conflict."""

    code = "flag.nothing_to_verify"
    texts: ClassVar = {
        "en": "{item} has no single recorded value to hold against the source. Have it entered or resolved first.",
        "zh": "“{item}”没有唯一的记录值可供核对。请先完成录入或解决冲突。",
    }


# -- signatures -------------------------------------------------------------------------------------------


class SignatureObstaclesError(RefusedError):
    """Something stands in the way of a signature."""

    code = "signature.obstacles"
    texts: ClassVar = {
        "en": "{count} matter(s) stand in the way of the signature; the list names each. Settle them, then sign.",
        "zh": "有 {count} 项妨碍签名，详见列表。请逐项处理后再签名。",
    }


class NothingToSignError(RefusedError):
    """A signature names no form, or forms of several subjects."""

    code = "signature.nothing"
    texts: ClassVar = {
        "en": "Choose at least one form of one subject to sign.",
        "zh": "请选择同一受试者的至少一份表单进行签名。",
    }


class OtherSignerError(RefusedError):
    """Somebody else's user id was typed for a signature."""

    code = "signature.other_signer"
    texts: ClassVar = {
        "en": "{user} is not signed in here. Type your own user id, or let {user} sign in and sign.",
        "zh": "{user} 未在此登录。请输入您本人的用户名，或由 {user} 登录后签名。",
    }


class SignedContentChangedError(RefusedError):
    """A form changed between being read and being signed."""

    code = "signature.content_changed"
    texts: ClassVar = {
        "en": "{form} changed after you read it. Read it once more, then sign.",
        "zh": "“{form}”在您阅读之后有修改。请重新阅读后再签名。",
    }


# -- rulings ----------------------------------------------------------------------------------------------


class RulingReasonRequiredError(RefusedError):
    """A held entry is accepted or declined without a reason."""

    code = "ruling.reason_required"
    texts: ClassVar = {
        "en": "Say why this entry is accepted or declined, then confirm again.",
        "zh": "请说明接受或不接受此录入的原因，然后再次确认。",
    }


class NotHeldError(RefusedError):
    """A commit is ruled on that nothing holds, or that has the same ruling."""

    code = "ruling.not_held"
    texts: ClassVar = {
        "en": "This entry does not wait for a decision. Look at the list again.",
        "zh": "此录入无需裁定。请刷新列表后再看。",
    }


# -- delegations ------------------------------------------------------------------------------------------


class DelegationDaysError(RefusedError):
    """A delegation ends before it begins."""

    code = "delegation.days"
    texts: ClassVar = {
        "en": "The last day {end} lies before the first day {start}. Correct one of them.",
        "zh": "结束日期 {end} 早于开始日期 {start}。请更正其中之一。",
    }


class DelegationNeedlessError(RefusedError):
    """Somebody is delegated whose role needs no delegation, or themselves."""

    code = "delegation.needless"
    texts: ClassVar = {
        "en": "{person} needs no line in the delegation log: that role acts in its own right.",
        "zh": "{person} 无需列入授权分工表：该角色本身即有权限。",
    }


class DelegationBeyondRoleError(RefusedError):
    """Duties are delegated that the person's role does not have."""

    code = "delegation.beyond_role"
    texts: ClassVar = {
        "en": "The role of {person} cannot be given this: {duties}. Choose among what the role may do.",
        "zh": "{person} 的角色不能被授予：{duties}。请在该角色的权限内选择。",
    }


class DelegationEndedError(RefusedError):
    """A line of the log is ended that is unknown or has ended by then."""

    code = "delegation.ended"
    texts: ClassVar = {
        "en": "This line of the delegation log is not there or has ended by that day. Look at the log again.",
        "zh": "授权分工表中没有此行，或该行在该日之前已结束。请重新查看分工表。",
    }
