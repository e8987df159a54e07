"""What each role may do. Every service call of the staff's side names its right and is refused without it.

A person may have several roles; rights add up. That an author doesn't review their own work is the
services' business, not a role's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    viewer = "viewer"
    editor = "editor"
    reviewer = "reviewer"
    campaigner = "campaigner"
    approver = "approver"
    administrator = "administrator"


class Right(StrEnum):
    read = "read"
    """See knowledge, figures and residents' masked questions."""
    edit = "edit"
    """Import documents, write drafts, comment, submit, answer residents in the inbox."""
    review = "review"
    """Approve or send back, publish, roll back."""
    withdraw = "withdraw"
    """Take an answer back at once."""
    campaign = "campaign"
    """Plan and write campaigns, test them, start what is approved."""
    approve = "approve"
    """Approve campaigns."""
    administer = "administer"
    """Accounts, settings, the audit log."""


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.viewer: frozenset({Right.read}),
    Role.editor: frozenset({Right.read, Right.edit}),
    Role.reviewer: frozenset({Right.read, Right.edit, Right.review, Right.withdraw}),
    Role.campaigner: frozenset({Right.read, Right.campaign}),
    Role.approver: frozenset({Right.read, Right.approve}),
    Role.administrator: frozenset({Right.read, Right.administer, Right.withdraw}),
}


class Forbidden(PermissionError):
    """The person may not do that. The message, in Chinese, names the right that is missing."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who is signed in, or the command line. `name` is what drafts and the journal keep."""

    name: str
    roles: frozenset[Role]
    display_name: str = ""

    def may(self, right: Right) -> bool:
        return any(right in RIGHTS[role] for role in self.roles)

    def require(self, right: Right) -> None:
        """Raises Forbidden."""
        if not self.may(right):
            raise Forbidden(f"没有权限：这一步需要“{_SAID[right]}”权限，请找管理员开通。")


_SAID = {
    Right.read: "查看",
    Right.edit: "编辑",
    Right.review: "审核",
    Right.withdraw: "紧急撤回",
    Right.campaign: "活动编写",
    Right.approve: "活动审批",
    Right.administer: "管理",
}
