"""Signing in by the town's own service: OpenID Connect Core 1.0, code flow with PKCE, through authlib."""

from dataclasses import dataclass
from typing import Annotated, Any

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.exceptions import HTTPException

from api.problems import status_of
from api.staff.people.forms import set_cookie
from api.staff.people.login import entered, refusal_page, visit_of
from api.staff.people.next_page import HOME, safe_next
from layers.accounts.errors import AccountError, SignInError
from layers.accounts.signing_in import enter
from layers.accounts.vouched import Errand, come_back, send_off, vouched_person
from layers.store.instance import Store
from layers.store.settings import Oidc

router = APIRouter(include_in_schema=False)
COOKIE = "onomap_errand"
TIMEOUT_S = 10.0
LEEWAY_S = 60
ALGORITHMS = ["RS256", "PS256", "ES256"]
"""Signatures by a private key only: with HS256 whoever knows our secret could vouch for anybody, and `none` vouches for nobody."""
SILENT = "認証基盤が応えません。しばらくしてからもう一度試すか、システム管理者に知らせてください。"
DOUBTFUL = "認証基盤の返事を確かめられませんでした。もう一度ログインしてください。"


@dataclass(frozen=True)
class Provider:
    """The service, as it describes itself."""

    settings: Oidc
    described: dict[str, Any]

    @classmethod
    def found(cls, settings: Oidc) -> "Provider":
        """Ask the service for its description. Raises SignInError when it is silent or describes another one."""
        described = _fetched(f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        if described.get("issuer") != settings.issuer:
            raise SignInError(DOUBTFUL)
        return cls(settings, described)

    def client(self, back: str) -> OAuth2Client:
        """Our side of the protocol."""
        return OAuth2Client(
            client_id=self.settings.client_id,
            client_secret=self.settings.client_secret.get_secret_value(),
            scope="openid profile",
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
        )

    def claims(self, id_token: str, nonce: str) -> CodeIDToken:
        """What the service says of the person, once signature, issuer, audience, time and nonce are right (3.1.3.7)."""
        keys = KeySet.import_key_set(_fetched(str(self.described["jwks_uri"])))  # type: ignore[arg-type]
        token = jwt.decode(id_token, keys, algorithms=ALGORITHMS)
        options = {
            "iss": {"essential": True, "value": self.settings.issuer},
            "aud": {"essential": True, "value": self.settings.client_id},
        }
        params = {"nonce": nonce, "client_id": self.settings.client_id}
        claims = CodeIDToken(token.claims, token.header, options, params)
        claims.validate(leeway=LEEWAY_S)
        return claims


def _fetched(address: str) -> dict[str, Any]:
    try:
        answer = httpx.get(address, timeout=TIMEOUT_S).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise SignInError(SILENT) from error
    if not isinstance(answer, dict):
        raise SignInError(DOUBTFUL)
    return answer


def _settings(request: Request) -> tuple[Store, Oidc]:
    store: Store = request.app.state.store
    if store.settings.oidc is None:
        raise HTTPException(404)
    return store, store.settings.oidc


def _back(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/login/oidc/back"


@router.get("/login/oidc")
def go(request: Request, next_page: Annotated[str, Query(alias="next")] = HOME) -> Response:
    """Send the browser to the service."""
    store, settings = _settings(request)
    try:
        provider = Provider.found(settings)
    except AccountError as error:
        return refusal_page(request, str(error), status_of(error))
    errand = send_off(store, safe_next(next_page))
    with provider.client(_back(request)) as client:
        address, _ = client.create_authorization_url(
            str(provider.described["authorization_endpoint"]),
            state=errand.state,
            nonce=errand.nonce,
            code_verifier=errand.verifier,
        )
    response = RedirectResponse(address, status_code=303)
    set_cookie(request, response, COOKIE, errand.state)
    return response


@router.get("/login/oidc/back")
def back(request: Request, code: str = "", state: str = "") -> Response:
    """The browser comes back: only the one that was sent, with a code that is good once."""
    store, settings = _settings(request)
    held = request.cookies.get(f"__Host-{COOKIE}") or request.cookies.get(COOKIE, "")
    try:
        if not state or held != state:
            raise SignInError(DOUBTFUL)
        errand = come_back(store, state)
        claims = _claims(Provider.found(settings), _back(request), code, errand)
        someone = vouched_person(store, str(claims["sub"]), str(claims.get(settings.login_claim, "")))
        return entered(request, enter(store, someone, visit_of(request)), errand.next_page)
    except AccountError as error:
        return refusal_page(request, str(error), status_of(error))


def _claims(provider: Provider, redirect_uri: str, code: str, errand: Errand) -> CodeIDToken:
    try:
        with provider.client(redirect_uri) as client:
            token = client.fetch_token(
                str(provider.described["token_endpoint"]),
                grant_type="authorization_code",
                code=code,
                code_verifier=errand.verifier,
            )
        return provider.claims(str(token.get("id_token", "")), errand.nonce)
    except httpx.HTTPError as error:
        raise SignInError(SILENT) from error
    except (AuthlibBaseError, JoseError, ValueError) as error:
        raise SignInError(DOUBTFUL) from error
