"""The feed's documentation as one plain page, made of its OpenAPI: it needs no script and no other server."""

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d1d1f;background:#fff}
code,pre{font:14px/1.5 ui-monospace,monospace;background:#f2f2f5;border-radius:4px}code{padding:.1em .3em}
pre{padding:.8rem;overflow:auto}h2{margin-top:2.5rem;border-top:1px solid #d2d2d7;padding-top:1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.3rem .6rem;
border-bottom:1px solid #e5e5ea}.need{color:#b3261e}
@media (prefers-color-scheme:dark){body{color:#f5f5f7;background:#1d1d1f}code,pre{background:#2c2c2e}
td,th{border-color:#3a3a3c}h2{border-color:#3a3a3c}.need{color:#ff8a80}}
"""

Schema = Mapping[str, Any]


def page(api: Schema) -> str:
    """HTML of an OpenAPI document."""
    return "".join(_page(api))


def _page(api: Schema) -> Iterator[str]:
    info = api["info"]
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(info["title"])}</title>'
    yield '<meta name="viewport" content="width=device-width"><style>' + _STYLE + "</style>"
    yield f"<h1>{escape(info['title'])}</h1>"
    for paragraph in info["description"].strip().split("\n\n"):
        yield f"<p>{_inline(paragraph)}</p>"
    yield '<p>As a document for machines: <a href="/openapi.json">/openapi.json</a></p><ul>'
    calls = [(method, path, call) for path, methods in api["paths"].items() for method, call in methods.items()]
    for method, path, call in calls:
        yield f'<li><a href="#{call["operationId"]}">{method.upper()} {escape(path)}</a>: {escape(call["summary"])}'
    yield "</ul>"
    for method, path, call in calls:
        yield from _call(method, path, call)
    yield "<h2>What may be refused</h2><p>Everywhere, in the shape of a Problem. Nothing of the request was kept.</p>"
    yield "<table><tr><th>Answer<th>What it means"
    for status, why in sorted(
        {(status, why) for _, _, call in calls for status, why, shape in _answers(call) if not shape}
    ):
        yield f"<tr><td>{status}<td>{_inline(why)}"
    yield "</table><h2>Shapes</h2>"
    for name, schema in api["components"]["schemas"].items():
        yield from _shape(name, schema)


def _call(method: str, path: str, call: Schema) -> Iterator[str]:
    yield f'<h2 id="{call["operationId"]}"><code>{method.upper()} {escape(path)}</code></h2>'
    yield f"<p>{_inline(call.get('description', ''))}</p>"
    for kind, content in call.get("requestBody", {}).get("content", {}).items():
        yield f"<p>Takes <code>{escape(kind)}</code>: {_type(content['schema'])}</p>"
    yield "<table><tr><th>Answer<th>What it means<th>Shape"
    for status, why, shape in _answers(call):
        if shape:
            yield f"<tr><td>{status}<td>{_inline(why)}<td>{shape}"
    yield "</table>"


def _answers(call: Schema) -> Iterator[tuple[str, str, str]]:
    """Status, what it means, and the shape of what was asked for; empty: it was refused."""
    for status, answer in call["responses"].items():
        shapes = [content["schema"] for content in answer.get("content", {}).values()]
        refused = any(str(shape.get("$ref", "")).endswith("/Problem") for shape in shapes)
        yield str(status), answer["description"], "" if refused else ", ".join(map(_type, shapes))


def _shape(name: str, schema: Schema) -> Iterator[str]:
    yield f'<h3 id="{escape(name)}">{escape(name)}</h3><p>{_inline(schema.get("description", ""))}</p>'
    if "properties" not in schema:
        yield f"<pre>{escape(json.dumps(schema, indent=2))}</pre>"
        return
    needed = schema.get("required", ())
    yield "<table><tr><th>Field<th>What it may be<th>What it means"
    for field, kind in schema["properties"].items():
        star = '<span class="need" title="required">*</span>' if field in needed else ""
        yield f"<tr><td><code>{escape(field)}</code>{star}<td>{_type(kind)}<td>{_inline(kind.get('description', ''))}"
    yield "</table>"


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"<code>{escape(str(one))}</code>" for one in schema["enum"])
    if schema.get("type") == "array":
        most = f", at most {schema['maxItems']:,}" if "maxItems" in schema else ""
        return f"list of {_type(schema['items'])}{most}"
    bounds = [
        f"{word} {schema[key]:,}"
        for key, word in (("minimum", "from"), ("maximum", "to"), ("maxLength", "at most"))
        if key in schema
    ]
    return escape(" ".join([schema.get("format") or schema.get("type", "anything"), *bounds]))


def _inline(words: str) -> str:
    """Text with `code` in it."""
    parts = escape(words).split("`")
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))
