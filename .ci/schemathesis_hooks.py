"""What schemathesis is told about this service beyond what a JSON Schema can say: what the contract says in words.

A case that is meant to be valid is made valid in those words too; what a case that is meant to be invalid says is left as it is. No answer
is excused here. CHECK_NAMES holds, as JSON, the names of things of another tenant than the one that asks: of those none may answer.
CHECK_SPARED holds the names that a run must not take away, because it goes on with them, each with another one to take away instead.
"""

import json
import os

import schemathesis
from schemathesis import GenerationMode

FOREIGN = json.loads(os.environ.get("CHECK_NAMES", "{}"))
SPARED = json.loads(os.environ.get("CHECK_SPARED", "{}"))
# The rooms that are not on LiveKit, as they come to be.
AGORA_ROOMS = set()
ROLES = {
    "host": ["camera", "microphone", "screen_share", "screen_share_audio"], "participant": ["camera", "microphone"], "viewer": [],
    "listener": [],
}
# Whom a server acts for: from a key these are required, from a user refused.
NAMED = {
    "placeCall": {"caller": "caller-1"}, "acceptCall": {"user": "bob"}, "mintCallToken": {"user": "bob"},
    "mintLiveKitToken": {"participant_identity": "bob"}, "mintLiveKitTokenAlias": {"participant_identity": "bob"},
}


def bytes_cut(text, most):
    return text.encode()[:most].decode("utf-8", "ignore")


def fit(body, operation, case_id):
    """A body as the words of the contract want it."""
    for name, value in NAMED.get(operation, {}).items():
        if body.get(name) is None:
            body[name] = value
    if operation == "placeCall" and body.get("callee") == body["caller"]:
        body["callee"] += "-2" if len(body["callee"]) < 60 and not body["callee"].isdigit() else "0"
    if operation == "createRoom" and body.get("provider") == "agora":
        body.pop("max_participants", None)
    if operation == "mintRoomToken" and "publish" in body:
        body["publish"] = [source for source in body["publish"] if source in ROLES[body["role"]]]
    if operation.startswith("mintLiveKitToken") and body["room_name"] in AGORA_ROOMS:
        body["room_name"] = "acme-room-" + "0" * 25
    if operation.startswith("mintLiveKitToken") and "-call-" in body["room_name"]:
        for name in ("participant_name", "participant_metadata", "participant_attributes"):
            body.pop(name, None)
    if operation == "createKey":
        fit_key(body)
    if operation in ("createTenant", "changeTenant"):
        fit_tenant(body, case_id)
    # Lengths of texts count bytes, which JSON Schema cannot.
    lengths = {
        "display_name": 128 if "Tenant" in operation else 256, "participant_name": 256, "metadata": 4096, "participant_metadata": 4096,
        "reason": 128, "label": 64, "token": 16384,
    }
    for name, most in lengths.items():
        if isinstance(body.get(name), str):
            body[name] = bytes_cut(body[name], most)
    if isinstance(body.get("roles"), list):
        body["roles"] = list(dict.fromkeys(bytes_cut(role, 64) for role in body["roles"]))
    for name in ("attributes", "participant_attributes"):
        if isinstance(body.get(name), dict):
            body[name] = {bytes_cut(key, 64): bytes_cut(value, 256) for key, value in body[name].items()}


def fit_key(body):
    """A key of the operator's for the tenant that the run has, or another one of the operator's."""
    if "tenant" in body:
        body["tenant"] = "acme"
        body["scopes"] = [scope for scope in body["scopes"] if scope != "tenants:admin"] or ["rooms:read"]
    else:
        body["scopes"] = [scope for scope in body["scopes"] if scope in ("audit:read", "keys:admin", "tenants:admin")] or ["audit:read"]


def fit_tenant(body, case_id):
    """Secrets are those that the service has, addresses lead somewhere, and names that are chosen are among those that are given."""
    providers = body.get("providers", {})
    if "livekit" in providers:
        providers["livekit"] |= {
            "server_url": "wss://media.example.org", "api_key": "APIcheck", "api_secret": {"env": "CHECK_LIVEKIT_SECRET"}}
        if "previous_api_secret" in providers["livekit"]:
            providers["livekit"]["previous_api_secret"] = {"env": "CHECK_PREVIOUS_LIVEKIT_SECRET"}
    if "agora" in providers:
        providers["agora"]["app_certificate"] = {"env": "CHECK_AGORA_CERTIFICATE"}
        if "previous_app_certificate" in providers["agora"]:
            providers["agora"]["previous_app_certificate"] = {"env": "CHECK_PREVIOUS_AGORA_CERTIFICATE"}
    # Which providers a tenant has is known only where the request says it.
    body.pop("default_provider", None)
    if len(providers) > 1:
        body["default_provider"] = "livekit"
    if body.get("user_tokens"):
        previous = "previous_secret" in body["user_tokens"]
        body["user_tokens"] = {"alg": "HS256", "issuer": f"https://{case_id}.example", "secret": {"env": "CHECK_USERS_SECRET"}}
        if previous:
            body["user_tokens"]["previous_secret"] = {"env": "CHECK_PREVIOUS_USERS_SECRET"}
    if body.get("remote_check"):
        check = body["remote_check"]
        check |= {"url": "https://app.example.org/users/me", "secret": {"env": "CHECK_INTERNAL_SECRET"}}
        if "fields" in check:
            check["fields"] = {name: bytes_cut(pointer, 128).rstrip("~") for name, pointer in check["fields"].items()}
    for rule in body.get("topics", []):
        if rule["join"] == "owner" and "{user}" not in rule["pattern"]:
            rule["join"] = "anyone"
        if "roles" in rule:
            rule["roles"] = list(dict.fromkeys(bytes_cut(role, 64) for role in rule["roles"]))
    if "user_room_roles" in body:
        body["user_room_roles"] = list(dict.fromkeys(bytes_cut(role, 64) for role in body["user_room_roles"]))


def fit_query(query, operation):
    # A cursor is one that the service gave.
    query.pop("cursor", None)
    if operation == "listPresence":
        if "users" in query:
            # Each once, and what has digits only is a number, which not every row of digits is.
            users = [f"u{user[:63]}" if user.isdigit() else user for user in str(query["users"]).split(",")]
            query["users"] = ",".join(dict.fromkeys(users))
            query.pop("online", None)
            query.pop("limit", None)
        else:
            query["online"] = "true"


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = case.operation.definition.raw.get("operationId")
    for name, value in (case.path_parameters or {}).items():
        if case.method != "GET" and value in SPARED:
            case.path_parameters[name] = SPARED[value]
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    if isinstance(case.body, dict):
        case.body = json.loads(json.dumps(case.body))
        fit(case.body, operation, case.id)
    if case.query is not None or operation == "listPresence":
        case.query = case.query or {}
        fit_query(case.query, operation)
    for name in list(case.headers or {}):
        # Under one Idempotency-Key there is one request.
        if name.lower() == "idempotency-key":
            case.headers[name] = f"case-{case.id}"
        # At its greatest length schemathesis forgets the pattern.
        if name.lower() == "if-match" and not any(mark in case.headers[name] for mark in '*"'):
            case.headers[name] = '"1"'


@schemathesis.hook
def after_call(context, case, response):
    if case.method == "POST" and response.status_code == 201:
        made = response.json()
        if made.get("provider") == "agora" and not made.get("token"):
            AGORA_ROOMS.add(made.get("name") or made.get("room"))


@schemathesis.check
def foreign_things_stay_closed(ctx, response, case):
    """A thing of another tenant answers nobody, whatever is asked of it."""
    named = {name for name in ("room", "call", "key") if (case.path_parameters or {}).get(name) == FOREIGN.get(name, "")}
    if named and response.status_code < 400:
        raise AssertionError(f"{case.method} {case.operation.path} answered {response.status_code} about another tenant's {named}")
