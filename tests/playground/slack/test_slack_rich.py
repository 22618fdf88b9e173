"""Rich text on the playground's screens: what is said, and that nothing in it becomes markup of the page."""

from playground.slack import rich


def _name(some_id: str) -> str:
    return {"U1": "Dana Reed", "C1": "general"}.get(some_id, some_id)


BLOCK = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "Hello <b>", "style": {"bold": True}},
                {"type": "user", "user_id": "U1"},
                {"type": "text", "text": " see\n"},
                {"type": "link", "url": "https://acme.com/?a=1&b", "text": "the page"},
                {"type": "link", "url": "javascript:alert(1)", "text": "not this"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "ordered",
            "offset": 1,
            "indent": 0,
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": one}]} for one in "ab"],
        },
        {"type": "rich_text_quote", "elements": [{"type": "channel", "channel_id": "C1"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "<x>\n  y"}]},
        {"type": "rich_text_section", "elements": [{"type": "emoji", "name": "tada"}, {"type": "odd"}]},
    ],
}


def test_rich_text_is_read_aloud_line_by_line() -> None:
    assert rich.plain(BLOCK, _name) == (
        "Hello <b>@Dana Reed see\nthe pagenot this\n2. a\n3. b\n#general\n<x>\n  y\n:tada:"
    )


def test_rich_text_is_shown_with_its_styles_and_no_tag_of_its_own() -> None:
    shown = rich.to_html(BLOCK, _name)

    assert "<b>Hello &lt;b&gt;</b>@Dana Reed see<br>" in shown
    assert '<a href="https://acme.com/?a=1&amp;b" rel="noreferrer noopener" target="_blank">the page</a>' in shown
    assert "javascript" not in shown
    assert "<p>2. a<br>3. b</p>" in shown
    assert "<blockquote>#general</blockquote>" in shown
    assert "<pre>&lt;x&gt;\n  y</pre>" in shown
