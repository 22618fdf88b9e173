"""mrkdwn is stored escaped, read aloud without signs, and shown as HTML that cannot bite."""

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.slack.mrkdwn import escape, plain, stored, to_html, unescape

NAMES = {"U0ANN00000": "Ann Lee", "C0GENERAL0": "general"}
HOSTILE = st.text(st.sampled_from([*"<>&*_~`|!@#\"'/ \n:;.-ab1Uscript\ue000\ue001\u202eé🎉"]), max_size=60)


def name(some_id: str) -> str:
    return NAMES.get(some_id, some_id)


@pytest.mark.parametrize(
    ("sent", "read", "shown"),
    [
        ("*bold* _it_ ~no~", "bold it no", "<b>bold</b> <i>it</i> <s>no</s>"),
        ("2 * 3 * 4 and a_b_c", "2 * 3 * 4 and a_b_c", "2 * 3 * 4 and a_b_c"),
        ("**twice**", "**twice**", "**twice**"),
        ("`a *b*` c", "a *b* c", "<code>a *b*</code> c"),
        ("```x < y\n*z*```", "x < y\n*z*", "<pre>x &lt; y\n*z*</pre>"),
        ("&gt; said\nthen", "said\nthen", "<blockquote>said</blockquote>then"),
        ("hi <@U0ANN00000> in <#C0GENERAL0>", "hi @Ann Lee in #general", "hi <b>@Ann Lee</b> in <b>#general</b>"),
        ("<!here> <!channel>", "@here @channel", "<b>@here</b> <b>@channel</b>"),
        (
            "*<https://acme.example/a?b&amp;c|the page>*",
            "the page",
            '<b><a href="https://acme.example/a?b&amp;c" rel="noreferrer noopener" target="_blank">the page</a></b>',
        ),
        ("<javascript:alert(1)|press>", "press", "<b>press</b>"),
        ("<b>x</b> & y", "<b>x</b> & y", "&lt;b&gt;x&lt;/b&gt; &amp; y"),
    ],
)
def test_what_is_sent_is_read_and_shown(sent: str, read: str, shown: str) -> None:
    assert (plain(sent, name), to_html(sent, name)) == (read, shown)


@given(HOSTILE)
def test_escaped_words_are_stored_as_they_are_and_come_back(words: str) -> None:
    assert stored(escape(words)) == escape(words)
    assert unescape(escape(words)) == words


@given(HOSTILE)
def test_storing_twice_changes_nothing(words: str) -> None:
    assert stored(stored(words)) == stored(words)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))


@given(HOSTILE)
def test_only_our_own_tags_are_shown(words: str) -> None:
    parser = Tags()
    parser.feed(to_html(words, name))
    for tag, attributes in parser.seen:
        assert tag in {"b", "i", "s", "code", "pre", "blockquote", "a", "br"}
        for attribute, value in attributes:
            assert tag == "a"
            assert attribute in {"href", "rel", "target"}
            assert attribute != "href" or re.match(r"(https?|mailto|tel|slack):", value or "", re.IGNORECASE)


@given(st.text(st.sampled_from([*"<>&\"' ab\n"]), max_size=40))
def test_words_without_signs_read_as_they_were_written(words: str) -> None:
    read = re.sub(r"(?m)^> ?", "", words)
    assert plain(escape(words), name) == read
    shown = re.sub(r"<[^>]+>", "", to_html(escape(words), name))
    assert html.unescape(shown) == read.replace("\n", "")
