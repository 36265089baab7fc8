"""Validates REST exchanges against Discord's OpenAPI document."""

from __future__ import annotations

import json
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema_rs import Draft202012, Draft202012Validator, Registry, ValidationErrorKind

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

    from bot.sandbox import RestExchange

OPENAPI_MISSING = (
    "needs Discord's OpenAPI document: set DISCORD_OPENAPI to the file specs/openapi.json "
    "of the repository discord/discord-api-spec"
)
_ROOT, _INCOMING, _STRICT = "urn:discord:out", "urn:discord:in", "urn:discord:strict"
_SHOWN = 160
_FIRST_ERROR, _FIRST_SERVER_ERROR = 400, 500
_INT32 = 1 << 31
_GUILD_MEDIA = 16


def openapi_path() -> Path | None:
    """Where the document is, if the environment says so and the file is there."""
    path = Path(os.environ.get("DISCORD_OPENAPI", ""))
    return path if path.is_file() else None


@lru_cache(maxsize=1)
def load(path: Path) -> OpenApiValidator:
    """The validator of a document; the document is large, so it is read once."""
    return OpenApiValidator(path)


class OpenApiValidator:
    """Finds what is wrong with requests and responses."""

    def __init__(self, path: Path) -> None:
        self.document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        # The document calls the code of a form error an integer; Discord's API reference ("Error Messages") and
        # Discord itself use strings such as BASE_TYPE_REQUIRED.
        inner = self.document["components"]["schemas"]["InnerErrors"]
        inner["properties"]["_errors"]["items"] = {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }
        # The document does not know media channels, which the channel resource's page ("Channel Types") does.
        self.document["components"]["schemas"]["ChannelTypes"]["oneOf"].append({"const": _GUILD_MEDIA})
        _bound_integers(self.document)
        # Ids go out as strings. discord.py sends some of them as numbers (`message_reference` for one), which Discord
        # has always taken.
        schemas = self.document["components"]["schemas"]
        lenient = {**schemas, "SnowflakeType": {**schemas["SnowflakeType"], "type": ["string", "integer"]}}
        incoming = {**self.document, "components": {**self.document["components"], "schemas": lenient}}
        # Objects as they are, without a field that nobody has written down.
        closed = {
            name: schema | {"additionalProperties": False}
            if "properties" in schema and "additionalProperties" not in schema
            else schema
            for name, schema in schemas.items()
        }
        strict = {**self.document, "components": {**self.document["components"], "schemas": closed}}
        self._registry = Registry([(_ROOT, self.document), (_INCOMING, incoming), (_STRICT, strict)], draft=Draft202012)
        self._validators: dict[str, Draft202012Validator] = {}
        self._patterns = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", template)), template)
            for template in sorted(self.document["paths"], key=lambda each: (each.count("{"), each))
        ]

    def template(self, path: str) -> str | None:
        """The path of the document that a request's path belongs to; literal parts win over placeholders."""
        return next((template for pattern, template in self._patterns if pattern.fullmatch(path)), None)

    def check(self, exchange: RestExchange) -> list[str]:
        """What is wrong with an exchange, in words.

        People's requests are not looked at, only the answers they get; routes that only people's clients use are
        described nowhere and are passed over.
        """
        if exchange.user_only:
            return []
        template = self.template(exchange.path)
        where = f"{exchange.method} {exchange.path}"
        if template is None:
            return [f"{where}: no such path in Discord's document"]
        operation = self.document["paths"][template].get(exchange.method.lower())
        if operation is None:
            return [f"{where}: {template} has no such operation"]
        pointer = f"/paths/{_escape(template)}/{exchange.method.lower()}"
        problems: list[str] = []
        # A request that was refused may well have been wrong: that is what the refusal is for.
        if exchange.authorization != "user" and exchange.status < _FIRST_ERROR:
            problems += self._check_request(exchange, operation, pointer, f"{where} request")
        if not (exchange.injected and exchange.status >= _FIRST_SERVER_ERROR) and exchange.status:
            problems += self._check_response(exchange, operation, pointer, f"{where} response {exchange.status}")
        return problems

    def _check_request(self, exchange: RestExchange, operation: dict[str, Any], pointer: str, where: str) -> list[str]:
        content = operation.get("requestBody", {}).get("content", {})
        if exchange.request is None:
            required = operation.get("requestBody", {}).get("required", False)
            return [f"{where}: a body is required"] if required else []
        kind = exchange.headers.get("Content-Type", "").split(";")[0]
        if kind not in content:
            return [f"{where}: a body of type {kind!r} is not accepted"]
        return self._errors(f"{pointer}/requestBody/content/{_escape(kind)}/schema", exchange.request, where, _INCOMING)

    def _check_response(self, exchange: RestExchange, operation: dict[str, Any], pointer: str, where: str) -> list[str]:
        responses = operation["responses"]
        status = next((key for key in (str(exchange.status), f"{exchange.status // 100}XX") if key in responses), None)
        if status is None:
            return [f"{where}: no such status, only {', '.join(responses)}"]
        response, base = responses[status], f"{pointer}/responses/{status}"
        if "$ref" in response:
            base = response["$ref"].removeprefix("#")
            response = self.document["components"]["responses"][base.rsplit("/", 1)[1]]
        if "content" not in response:
            return [] if exchange.response is None else [f"{where}: a body where there should be none"]
        return self._errors(f"{base}/content/application~1json/schema", exchange.response, where)

    def schema_errors(self, name: str, instance: object, where: str, *, strict: bool = False) -> list[str]:
        """What is wrong with an object that should follow a named schema; if `strict`, unknown fields at any depth."""
        return self._errors(f"/components/schemas/{name}", instance, where, _STRICT if strict else _ROOT)

    def _errors(self, pointer: str, instance: Any, where: str, root: str = _ROOT) -> list[str]:  # noqa: ANN401
        uri = f"{root}#{pointer}"
        if uri not in self._validators:
            self._validators[uri] = Draft202012Validator({"$ref": uri}, registry=self._registry, validate_formats=True)
        return [f"{where} {_describe(error)}" for error in self._validators[uri].iter_errors(instance)]


def _bound_integers(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Give integers of 32 bits the bounds that validators do not read from their format."""
    if isinstance(value, dict) and value.get("format") == "int32":
        value["minimum"] = max(value.get("minimum", -_INT32), -_INT32)
        value["maximum"] = min(value.get("maximum", _INT32 - 1), _INT32 - 1)
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _bound_integers(each)


def _escape(text: str) -> str:
    # A pointer inside a URI fragment: slashes as JSON Pointer has them, braces as URIs do.
    return text.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D").replace("@", "%40")


def _describe(error: ValidationError) -> str:
    # Of the branches of a oneOf, the one that got furthest is the one that was meant.
    while isinstance(error.kind, ValidationErrorKind.OneOfNotValid | ValidationErrorKind.AnyOf):
        inner = [each for branch in error.kind.context for each in branch]
        error = max(inner, key=lambda each: (len(each.instance_path), each.kind.name not in {"const", "type"}))
    pointer = "".join(f"/{part}" for part in error.instance_path)
    return f"{pointer or '/'}: {error.message[:_SHOWN]}"
