"""Markdown from somebody who wants to run something, to load something, or to make the page wait."""

import random
import re
from html.parser import HTMLParser

import pytest

from studio.lib.markdown import Growing, blocks, limits
from studio.lib.markdown.clean import clean

ALONE = {"br", "hr", "input"}
TAGS = {
    "p", "br", "hr", "em", "strong", "s", "code", "pre", "a", "ul", "ol", "li", "blockquote", "h3", "h4", "h5",
    "h6", "table", "thead", "tbody", "tr", "th", "td", "div", "span", "sup", "section", "figure", "figcaption",
    "button", "input", "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mstyle",
    "mpadded", "mphantom", "menclose", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr",
    "mtd",
}  # fmt: skip
ADDRESS = re.compile(r"https?://|mailto:|#note-|#cite-", re.IGNORECASE)


class Reader(HTMLParser):
    """Reads HTML as a browser does that never forgives."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        assert tag != "a" or "a" not in self.open, "a link in a link"
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        for name, value in attrs:
            assert not name.startswith("on"), name
            assert name not in ("style", "src", "srcset", "action", "formaction", "xlink:href", "background"), name
            assert name != "href" or ADDRESS.match(value or ""), value
        if tag not in ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1:] == [tag]
        self.open.pop()

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def check(html: str) -> str:
    """That it is whole, and only what we make; returns it."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open, html
    assert clean(html) == html, "another reading makes something else of it"
    return html


def check_all(text: str) -> str:
    made = "".join(map(check, blocks(text)))
    growing = Growing()
    for start in range(0, len(text), 7):
        growing.add(text[start : start + 7])
        growing.paint()
        check(growing.tail)
    for block in growing.blocks:
        check(block)
    return made


SCRIPTS = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java&#115;cript:alert(1)", "&#106;avascript:alert(1)",
    "javascript&colon;alert(1)", "java\tscript:alert(1)", "java&Tab;script:alert(1)",
    "java&NewLine;script:alert(1)", "\x01javascript:alert(1)", " javascript:alert(1)", "%6aavascript:alert(1)",
    "javascript%3aalert(1)", "vbscript:msgbox(1)", "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=", "data:image/svg+xml;base64,PHN2Zz4=", "DATA:image/png;base64,AAAA",
    "file:///etc/passwd", "//evil.example/x", "\\\\evil.example\\x", "/logout", "#top", "#note", "blob:https://x/y",
    "view-source:https://x", "intent://x#Intent;end", "https:javascript:alert(1)", "http:/\u200b/x",
    "javascript\u200b:alert(1)", "ｊavascript:alert(1)", "x:alert(1)",
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(SCRIPTS)))
@pytest.mark.parametrize(
    "shape", ["[x]({})", "[x](<{}>)", "![x]({})", "<{}>", "[x][r]\n\n[r]: {}", '[x]({} "t")', "{}", "[![a]({})]({})"]
)
def test_no_script_is_an_address(number: int, shape: str):
    made = check_all(shape.replace("{}", SCRIPTS[number]))
    for address in re.findall(r'href="([^"]*)"', made):
        assert re.match(r"https?://|mailto:", address)


MARKUP = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math><mtext><table><mglyph><style><math><table id=\"</table>\"><img src onerror=alert(1)\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<noscript><p title=\"</noscript><img src=x onerror=1>\">",
    "<math><annotation-xml encoding=\"text/html\"><style><img src=x onerror=alert(1)></style></annotation-xml></math>",
    "<a href=\"javascript:1\">x</a>", "</p></div></article><h1>x", "<iframe srcdoc='<script>1</script>'>",
    "<!-- --!> <b>", "<![CDATA[<img src=x onerror=1>]]>", "<?xml version=1?>", "&lt;script&gt;",
    "&#60;img src=x onerror=1&#62;", "<x/onclick=1>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)",
    "\x00<img src=x>", "<img/src=`x`onerror=alert(1)>", "<style>*{color:red}</style>", "<base href=//evil>",
    "<meta http-equiv=refresh content=0>", "<template><img src=x></template>",
]  # fmt: skip
PLACES = [
    "{}", "a {} b", "# {}", "- {}", "> {}", "| {} |\n|---|\n| {} |", "**{}**", "`{}`", "```\n{}\n```",
    "```html\n{}\n```", "```{}\nx\n```", "~~~{}\nx\n~~~", "[{}](https://a.b)", "![{}](https://a.b)",
    "[x](https://a.b \"{}\")", "[x](https://a.b/{})", "[x](<https://a.b/{}>)", "https://a.b/{}", "<https://a.b/{}>",
    "<mailto:{}@a.b>", "x[^{}]\n\n[^{}]: {}", "[{}]: https://a.b\n\n[{}]", "$\\text{{}}$", "$${}$$",
    "\\[\\mathrm{{}}\\]", "\\(x {} y\\)", "$\\text{a}{}$", "$\\color{{}}{x}$", "$\\hspace{{}}$", "$\\href{{}}{x}$",
    "$\\style{{}}{x}$", "$\\class{{}}{x}$", "$\\unicode{{}}$", "$\\operatorname{{}}$", "- [x] {}", "    {}",
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(MARKUP)))
def test_markup_is_text_wherever_it_stands(number: int):
    for place in PLACES:
        made = check_all(place.replace("{}", MARKUP[number]))
        assert not re.search(r"<(script|img|svg|style|iframe|form|base|meta|mglyph|annotation|template)", made)


def test_the_text_of_a_formula_is_text():
    made = check_all(r"$\text{<img src=x onerror=alert(1)>&lt;img src=y onerror=alert(2)&gt;}$")
    assert "<mtext>" in made
    assert "<img" not in made


@pytest.mark.parametrize(
    "latex",
    [r"\href{javascript:alert(1)}{x}", r"\style{color:red}{x}", r"\class{toast}{x}", r"\color{red\" onclick=1}x"],
)
def test_a_formula_sets_nothing_but_itself(latex: str):
    assert not re.search(r"href=| style=|toast|onclick=", re.sub(r"<code.*?</code>", "", check_all(f"${latex}$")))


@pytest.mark.parametrize(
    "info", ['python" onclick="alert(1)', "python><img src=x>", "a'b", 'x" class="toast', "é" * 99, "&quot;"]
)
def test_an_info_string_is_a_name_or_nothing(info: str):
    made = check_all(f"```{info}\nx = 1\n```")
    assert re.findall(r"<(?:figure|pre|code|button|figcaption)[^>]*>", made)[-1] in (
        "<code>", '<code class="language-python">'
    )  # fmt: skip


def test_the_second_net_holds_by_itself():
    assert clean('<p onclick="x" style="y" class="toast">a<script>b</script><img src=x></p>') == '<p class="">a</p>'
    assert clean('<a href="javascript:alert(1)">a</a><a href="/logout">b</a>') == "<a>a</a><a>b</a>"
    assert clean('<input type="text" name="q"><button type="submit">x</button>') == "<input><button>x</button>"
    assert clean("<math><mtext><style><img src=x></style>y</mtext></math>") == "<math><mtext>y</mtext></math>"


WORDS = [
    "a", "word ", " ", "\n", "\n\n", "*", "**", "_", "~~", "`", "```", "```py\n", "~~~\n", "- ", "1. ", "> ", "# ",
    "|", "|-|\n", "[", "]", "](", ")", "![", "[^1]", "[^1]: ", "<", ">", "&", "&lt;", "<b>", "</p>", "https://a.b/",
    "mailto:a@b.c", "$", "$$", "\\(", "\\)", "\\[", "\\]", "\\text{", "}", "\\frac", "^", "\\", "\"", "'", "\x00",
    "\u202e", "    ", "\t", "- [ ] ", "---\n", "===\n",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_whatever_comes_each_block_is_whole(seed: int):
    chance = random.Random(seed)
    for _ in range(8):
        check_all("".join(chance.choices(WORDS, k=chance.randint(1, 60))))


FLOODS = [
    "[", "![", "]", "[](", "[a](", "*a_", "_a ", "**a", "`a``", "~~a", "<", "<a@b", "<http:", "&#", "\\", "> ", ">",
    "- ", "1. ", "- a\n", "|", "|a\n|-\n", "a\n", "a\n=\n", "# a\n", "#", "$", "$a", "$a$", "$$", "$$x\n\n", "\\(",
    "\\[\n", "{", "[^1]", "[^1]: a\n\n", "[a]: b\n", "http://", "https://a.b/(", "mailto:a@", ":", "```\n",
    "```x\n", "\n", " ", "\t", "\x00", "\r",
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(FLOODS)))
def test_a_flood_ends(number: int):
    """Its time is measured, not asserted: without the limits some of these would outlast every patience."""
    text = FLOODS[number] * (8_000 // len(FLOODS[number]))
    for block in blocks(text):
        check(block)
    growing = Growing()
    growing.add(text)
    while growing.is_behind:
        growing.paint()
    check(growing.tail)


def test_a_table_of_nothing_is_none():
    text = "|a" * 500 + "\n" + "|-" * 500 + "\n" + "|\n" * 500
    assert "<td>" not in "".join(blocks(text))


def test_too_deep_is_shown_as_it_came():
    text = "".join("> " * depth + f"level {depth}\n" for depth in range(1, 100))
    (block,) = blocks(text)
    assert 'class="plain"' in check(block)
    assert "level 99" in block


def test_too_many_brackets_are_text():
    (block,) = blocks("**a** " + "[" * (limits.BRACKETS + 1))
    assert "<strong>" not in check(block)
    assert block.count("[") == limits.BRACKETS + 1


def test_too_much_text_is_shown_as_it_came():
    (block,) = blocks("- a\n" * 40_000)
    assert 'class="plain"' in block


def test_a_lexer_that_takes_too_long_is_left(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("studio.lib.markdown.code.PATIENCE", -1)
    assert '<code class="language-perl">m{m{' in "".join(blocks("```perl\n" + "m{" * 40 + "\n```"))
