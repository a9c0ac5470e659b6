"""Accounts and tokens over HTTP."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from ringfence.errors import WorkshopRefused
from ringfence.workshop.http.answers import too_often
from ringfence.workshop.http.as_json import account_as_json, token_as_json
from ringfence.workshop.http.asking import Asked, Desk

__all__ = ["routes"]


def routes(desk: Desk) -> list[Route]:
    """What there is."""

    def register(asked: Asked) -> Any:
        seconds = desk.sign_ins.take(asked.address)
        if seconds:
            return too_often(seconds)
        token, info = asked.workshop.accounts.register(asked.fields(name=str).get("name", ""))
        return JSONResponse({"token": token, **token_as_json(info)}, 201)

    return [
        desk.route("POST", "/v1/accounts", register),
        desk.route("GET", "/v1/account", _who_am_i, signed_in=True),
        desk.route("GET", "/v1/account/tokens", _tokens, signed_in=True),
        desk.route("POST", "/v1/account/tokens", _new_token, signed_in=True),
        desk.route("DELETE", "/v1/account/tokens/{token}", _revoke_token, signed_in=True),
    ]


def _who_am_i(asked: Asked) -> Any:
    caller = asked.signed_in
    return {**account_as_json(caller.account), "allowed": sorted(caller.scopes)}


def _tokens(asked: Asked) -> Any:
    found = asked.workshop.accounts.tokens(asked.signed_in.account.name)
    return {"tokens": [token_as_json(one) for one in found]}


def _new_token(asked: Asked) -> Any:
    caller = asked.signed_in
    fields = asked.fields(scopes=list, label=str, days=int)
    scopes = fields.get("scopes", sorted(caller.scopes))
    if not all(isinstance(one, str) for one in scopes) or not set(scopes) <= caller.scopes:
        raise WorkshopRefused("not-allowed", "a token can make others that may what it may itself")
    name = caller.account.name
    token, info = asked.workshop.accounts.new_token(
        name, scopes=scopes, label=fields.get("label", ""), days=fields.get("days"), by=name
    )
    return JSONResponse({"token": token, **token_as_json(info)}, 201)


def _revoke_token(asked: Asked) -> Any:
    name = asked.signed_in.account.name
    return token_as_json(
        asked.workshop.accounts.revoke_token(asked.path["token"], account=name, by=name)
    )
