"""Turns a Vega-Lite specification into an SVG that is safe and stable inside a page."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from auditor.output import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

_TAG = re.compile(r"<(/?)([A-Za-z:]+)([^<>]*?)(/?)>")
_ATTRIBUTE = re.compile(r'([A-Za-z][A-Za-z0-9:-]*)="([^"]*)"')
_ID_USE = re.compile(r"url\(#([^)]*)\)")

_ELEMENTS = frozenset(
    {
        "svg",
        "g",
        "path",
        "rect",
        "line",
        "circle",
        "text",
        "tspan",
        "defs",
        "clipPath",
        "linearGradient",
        "stop",
    }
)
# Everything else (classes, namespaces, event and link attributes) is dropped.
_ATTRIBUTES = frozenset(
    [
        "clip-path",
        "cx",
        "cy",
        "d",
        "dx",
        "dy",
        "fill",
        "fill-opacity",
        "font-family",
        "font-size",
        "font-style",
        "font-weight",
        "height",
        "id",
        "offset",
        "opacity",
        "r",
        "rx",
        "ry",
        "stop-color",
        "stroke",
        "stroke-dasharray",
        "stroke-linecap",
        "stroke-miterlimit",
        "stroke-opacity",
        "stroke-width",
        "text-anchor",
        "transform",
        "viewBox",
        "width",
        "x",
        "x1",
        "x2",
        "y",
        "y1",
        "y2",
    ]
)
_EMPTY_FOREGROUND = re.compile(r'<path class="(?:fore|back)ground"[^<>]*d="(?:M0,0h0v0h0Z)?"[^<>]*/>')


def draw(spec: Mapping[str, Any], name: str, description: str) -> str:
    """Render to a static SVG whose ids start with ``name`` and that screen readers announce as one image."""
    import vl_convert

    drawn = vl_convert.vegalite_to_svg(dict(spec), allowed_base_urls=[])
    return tidy(drawn, name, description)


def tidy(svg: str, name: str, description: str) -> str:
    """Keep known elements and attributes; number the ids anew, as the renderer counts on across calls."""
    numbers: dict[str, str] = {}

    def renamed(identifier: str) -> str:
        return numbers.setdefault(identifier, f"{name}-{len(numbers)}")

    def attribute(match: re.Match[str]) -> str:
        key, value = match.groups()
        if key not in _ATTRIBUTES:
            return ""
        if key == "id":
            value = renamed(value)
        return f' {key}="{_ID_USE.sub(lambda use: f"url(#{renamed(use[1])})", value)}"'

    def tag(match: re.Match[str]) -> str:
        closing, element, attributes, empty = match.groups()
        if element not in _ELEMENTS:
            raise ValueError(f"a chart holds the unexpected element '{element}'")
        kept = "".join(attribute(found) for found in _ATTRIBUTE.finditer(attributes))
        return f"<{closing}{element}{kept}{empty}>"

    body = _TAG.sub(tag, _EMPTY_FOREGROUND.sub("", clean(svg)))
    label = escape(description, quote=True)
    return body.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
