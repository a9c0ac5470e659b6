"""Records as JSON values. All texts stay texts: whoever shows them escapes them."""

from __future__ import annotations

from typing import Any

from ringfence.workshop.records import Account, Plugin, PluginVersion, Submission, TokenInfo

__all__ = [
    "account_as_json",
    "plugin_as_json",
    "submission_as_json",
    "token_as_json",
    "version_as_json",
]


def account_as_json(account: Account) -> dict[str, Any]:
    """An account."""
    return {
        "name": account.name,
        "scopes": sorted(account.scopes),
        "created": account.created.isoformat(),
    }


def token_as_json(token: TokenInfo) -> dict[str, Any]:
    """A token, without its secret."""
    return {
        "id": token.id,
        "account": token.account,
        "label": token.label,
        "scopes": sorted(token.scopes),
        "created": token.created.isoformat(),
        "expires": token.expires.isoformat(),
        "revoked": None if token.revoked is None else token.revoked.isoformat(),
    }


def submission_as_json(submission: Submission, *, reports: bool = True) -> dict[str, Any]:
    """A submission, with its reports or without."""
    told: dict[str, Any] = {
        "id": submission.id,
        "account": submission.account,
        "name": submission.name,
        "version": submission.version,
        "kind": submission.kind,
        "spec": submission.spec,
        "title": submission.title,
        "sha256": submission.sha256,
        "length": submission.length,
        "state": submission.state,
        "reason": submission.reason,
        "escalation": dict(submission.escalation),
        "reviewer": submission.reviewer,
        "created": submission.created.isoformat(),
        "changed": submission.changed.isoformat(),
    }
    if reports:
        told["analysis"] = submission.analysis
        told["trial"] = submission.trial
    return told


def version_as_json(version: PluginVersion) -> dict[str, Any]:
    """A version that was published."""
    return {
        "name": version.name,
        "version": version.version,
        "account": version.account,
        "title": version.title,
        "description": version.description,
        "author": version.author,
        "kind": version.kind,
        "spec": version.spec,
        "packages": list(version.packages),
        "grants": list(version.grants),
        "sha256": version.sha256,
        "length": version.length,
        "status": version.status,
        "reason": version.reason,
        "created": version.created.isoformat(),
    }


def plugin_as_json(plugin: Plugin) -> dict[str, Any]:
    """A plugin, with the version that is offered."""
    latest = plugin.latest
    return {
        "name": plugin.name,
        "account": plugin.account,
        "latest": None if latest is None else version_as_json(latest),
    }
