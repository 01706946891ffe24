"""A comment's text in parts: whom it means, where it leads; the rest is words."""

import pytest

from accounts.models import User
from generations.together import mentions, wording

ADA, ADA_LOVELACE, BOB = (
    User(pk=pk, name=name, email=f"{pk}@example.com") for pk, name in enumerate(("Ada", "Ada Lovelace", "Bob"), start=1)
)
PEOPLE = [ADA, ADA_LOVELACE, BOB]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@Ada look", [ADA]),
        ("@ada lovelace, and @BOB!", [ADA_LOVELACE, BOB]),
        ("(@Bob) @Bob", [BOB]),
        ("mail bob@Bob.example", []),
        ("@Bobby @Adaß @@Ada", []),
        ("@", []),
    ],
)
def test_whom_a_text_means(text, meant):
    assert mentions.mentioned(text, PEOPLE) == meant


def test_the_same_name_means_all_who_have_it():
    other = User(pk=9, name="bob", email="9@example.com")
    assert mentions.mentioned("@Bob", [*PEOPLE, other]) == [BOB, other]


def test_the_parts_are_the_text():
    text = "See https://x.example/a?b=1&c=<i>, @Ada\nand (http://y.example/@Bob)."
    parts = wording.pieces(text, PEOPLE, reader=ADA)
    assert "".join(part.text for part in parts) == text
    assert [(part.kind, part.text, part.is_me) for part in parts if part.kind != "text"] == [
        ("link", "https://x.example/a?b=1&c=", False),
        ("mention", "@Ada", True),
        ("link", "http://y.example/@Bob", False),
    ]


@pytest.mark.parametrize("text", ["javascript:alert(1)", "https://", "ftp://x.example", "data:text/html,x"])
def test_what_is_no_web_address_is_no_link(text):
    assert [part.kind for part in wording.pieces(text, [])] == ["text"]
