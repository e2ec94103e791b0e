"""Elements taken from one part and spelled in another: compared by meaning, written with the other part's prefix."""

from __future__ import annotations

from kpisheets.backends.excel.ooxml.notation import markup

Key = tuple[str, str, frozenset[tuple[str, str]], str, tuple["Key", ...]]


def key_of(node: markup.Node) -> Key:
    """What an element says, whatever prefix it is written with and in whatever order its attributes stand."""
    children = tuple(key_of(child) for child in node.children)
    return node.namespace, node.name, frozenset(node.attributes.items()), node.text.strip(), children


def spelled(node: markup.Node, prefix: bytes) -> bytes:
    """The element as text, for a part that gives its namespace ``prefix`` (``b"x:"`` or ``b""``).

    Raises:
        ValueError: it has attributes or children of another namespace.
    """
    if any(name.startswith("{") for name in node.attributes) or node.namespace != markup.MAIN:
        raise ValueError(f"{node.name} is of another namespace")
    name = prefix + node.name.encode()
    named = b"".join(b' %b="%b"' % (key.encode(), markup.attribute(text)) for key, text in node.attributes.items())
    inside = markup.content(node.text) + b"".join(spelled(child, prefix) for child in node.children)
    return b"<%b%b>%b</%b>" % (name, named, inside, name) if inside else b"<%b%b/>" % (name, named)


def grown(data: bytes, node: markup.Node, new: bytes, count: int | None = None) -> list[tuple[int, int, bytes]]:
    """The changes that add ``new`` at the end of ``node`` and set its ``count``."""
    tag = data[node.start : node.open_end]
    if count is not None:
        tag = markup.tag_with(tag, {"count": str(count)})
    if node.close < node.end:
        return [(node.start, node.open_end, tag), (node.close, node.close, new)]
    name = markup.prefix_of(data, node) + node.name.encode()
    return [(node.start, node.end, b"%b>%b</%b>" % (tag[:-2].rstrip(), new, name))]
