"""What Markdown becomes. That nothing in it can run is in test_markdown_attacks.py."""

import pytest

from studio.lib.markdown import blocks
from studio.lib.markdown.code import COLOURED, PIECE, coloured, pieces

LINK = 'rel="noopener noreferrer nofollow" target="_blank"'


def html(text: str, prefix: str = "") -> str:
    return "\n".join(blocks(text, prefix))


def test_each_block_is_by_itself():
    made = blocks("# Head\n\npara *one*\nstill\n\n- a\n- b\n\n---\n")
    assert made == [
        '<h3 dir="auto">Head</h3>',
        '<p dir="auto">para <em>one</em>\nstill</p>',
        '<ul dir="auto">\n<li>a</li>\n<li>b</li>\n</ul>',
        "<hr>",
    ]
    assert blocks("") == []
    assert blocks(" \n\n") == []


@pytest.mark.parametrize(("level", "tag"), [(1, "h3"), (2, "h4"), (3, "h5"), (4, "h6"), (5, "h6"), (6, "h6")])
def test_headings_leave_the_first_two_levels_to_the_page(level: int, tag: str):
    assert html("#" * level + " x") == f'<{tag} dir="auto">x</{tag}>'


def test_html_is_text():
    assert html("a <b>c</b> <!-- d -->\n\n<div>\n") == (
        '<p dir="auto">a &lt;b&gt;c&lt;/b&gt; &lt;!-- d --&gt;</p>\n<p dir="auto">&lt;div&gt;</p>'
    )


@pytest.mark.parametrize("address", ["https://example.org/a", "http://example.org", "mailto:a@example.org"])
def test_links_leave_without_a_trace(address: str):
    assert f'<a href="{address}" {LINK}>x</a>' in html(f"[x]({address})")
    assert f'<a href="{address}" {LINK}>' in html(f"see {address} there")
    assert f'<a href="{address}" {LINK}>' in html(f"<{address}>")
    assert f'<a href="{address}" title="t" {LINK}>x</a>' in html(f'[x]({address} "t")')


@pytest.mark.parametrize(
    "text", ["see example.org", "me@example.org", "ftp://example.org", "//example.org", "/etc/passwd"]
)
def test_only_whole_addresses_are_links(text: str):
    assert "<a" not in html(text)
    assert "<a" not in html(f"[x]({text.split()[-1]})")


def test_underscores_of_an_address_are_its_own():
    assert 'href="https://example.org/__init__.py"' in html("https://example.org/__init__.py is it")


def test_an_image_is_a_link_since_loading_it_would_tell_who_reads():
    assert f'<a href="https://example.org/x.png" {LINK}>image: a <b></a>'.replace("<b>", "&lt;b&gt;") in html(
        "![a <b>](https://example.org/x.png)"
    )
    assert ">image</a>" in html("![](https://example.org/x.png)")
    assert "<img" not in html("![a](https://example.org/x.png) ![b](data:image/png;base64,AAAA)")


def test_an_image_in_a_link_is_its_text():
    assert (
        html("[![a](https://b.c/d.png)](https://e.f)") == f'<p dir="auto"><a href="https://e.f" {LINK}>image: a</a></p>'
    )


def test_tables_scroll_by_themselves():
    made = html("| a | b | c |\n|---|:-:|--:|\n| 1 | **2** | |\n")
    assert made.startswith('<div class="table" tabindex="0" role="group" aria-label="Table" dir="auto"><table>')
    assert '<th class="align-centre">b</th>' in made
    assert '<td class="align-centre"><strong>2</strong></td>' in made
    assert '<td class="align-right"></td>' in made
    assert made.endswith("</table></div>")
    assert "style" not in made


def test_tasks_say_whether_they_are_done():
    made = html("- [ ] one\n- [x] two\n- three\n")
    assert '<li class="task"><input type="checkbox" disabled="" aria-label="To do"> one</li>' in made
    assert '<li class="task"><input type="checkbox" disabled="" checked="" aria-label="Done"> two</li>' in made
    assert "<li>three</li>" in made


def test_what_is_struck_out():
    assert "<s>gone</s>" in html("~~gone~~")


class TestCode:
    def test_it_has_its_language_a_button_and_colours_as_classes(self):
        made = html("```python\ndef f(): # <b>\n```")
        assert made.startswith(
            '<figure class="code"><figcaption><span>python</span>'
            '<button type="button" class="code-copy">Copy</button></figcaption>'
            '<pre tabindex="0"><code class="language-python"><span class="k">def</span> <span class="nf">f</span>'
        )
        assert '<span class="c1"># &lt;b&gt;</span>' in made
        assert made.endswith("</code></pre></figure>")
        assert "style" not in made

    @pytest.mark.parametrize("info", ["", "no-such-language", "PYTHON3000 x"])
    def test_an_unknown_language_is_plain(self, info: str):
        assert "<code>a &lt; b\n</code>" in html(f"```{info}\na < b\n```")

    def test_an_indented_block_is_code(self):
        assert "<code>a\n  b\n</code>" in html("    a\n      b\n")

    def test_long_code_is_coloured_in_pieces_and_very_long_code_no_more(self):
        line = "def f(): pass\n"
        code = line * (COLOURED // len(line) + 2_000)
        made = coloured(code, "python")
        coloured_part, plain_part = made[: made.rindex("</span>")], made[made.rindex("</span>") :]
        assert coloured_part.count(">def<") * len(line) >= COLOURED
        assert plain_part.count("def f()") > 100

    def test_pieces_are_whole_lines_and_all_of_the_code(self):
        code = "x" * (3 * PIECE) + "\n" + "a = 1\n" * PIECE
        made = list(pieces(code))
        assert "".join(made) == code
        assert max(map(len, made)) <= 2 * PIECE
        assert all(piece.endswith("\n") for piece in made[2:])

    def test_what_a_lexer_leaves_out_is_there(self):
        assert "\ufeffa" in html("```python\n\ufeffa\n```")


class TestFormulas:
    @pytest.mark.parametrize("text", ["is $x^2$ so", r"is \(x^2\) so"])
    def test_in_a_line(self, text: str):
        assert html(text) == (
            '<p dir="auto">is <math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math> so</p>'
        )

    @pytest.mark.parametrize(
        "text", ["$$x^2$$", "$$\nx^2\n$$", r"\[x^2\]", "\\[\nx^2\n\\]", "text:\n$$\nx^2\n$$.", "- a\n  $$\n  x^2\n  $$"]
    )
    def test_displayed(self, text: str):
        made = html(text)
        assert '<div class="math" tabindex="0"><math display="block"><mrow><msup><mi>x</mi>' in made
        assert "$" not in made

    def test_displayed_in_a_line(self):
        assert '<span class="math"><math display="block">' in html("so $$x$$ it is")

    @pytest.mark.parametrize(
        "text", ["$5 and $10", "$5-$10", "US$5 or A$6", r"\$x\$", "$HOME and $PATH", "a $ b $ c", "$", "$$", "`$x$`"]
    )
    def test_money_and_shells_are_none(self, text: str):
        assert "<math" not in html(text)

    @pytest.mark.parametrize(
        "latex", [r"\frac", "{" * 50, "x" * 2_001, r"\newcommand{\a}{b}\a", r"\begin{matrix}", "^", r"\left("]
    )
    def test_what_cannot_be_converted_is_shown_as_it_came(self, latex: str):
        made = html(f"$${latex}$$")
        assert "<math" not in made
        assert latex[:40] in made
        assert '<code class="math">' in made

    def test_one_that_never_ends_ends_with_its_paragraph(self):
        first, second = blocks("$$\nx^2\n\nand so on")
        assert '<code class="math">$$\nx^2</code>' in first
        assert second == '<p dir="auto">and so on</p>'


class TestFootnotes:
    TEXT = "One[^a], two[^b], one again[^a].\n\n[^a]: The *first*.\n[^b]: Second.\n[^c]: Never cited.\n"

    def test_they_lead_there_and_back(self):
        made = html(self.TEXT, prefix="m7-")
        assert (
            '<sup class="cite"><a href="#note-m7-1" id="cite-m7-1" role="doc-noteref" aria-label="Note 1">1</a></sup>'
            in made
        )
        assert 'id="cite-m7-1-2"' in made
        assert (
            '<li id="note-m7-1"><p>The <em>first</em>. <a class="cite-back" href="#cite-m7-1" role="doc-backlink"'
            in made
        )
        assert '<section class="notes" role="group" aria-label="Notes"' in made
        assert "Never cited" not in made

    def test_the_ids_of_two_texts_differ(self):
        assert "note-m7-" not in html(self.TEXT, prefix="m8-")

    def test_a_prefix_cannot_leave_its_place(self):
        assert '"x"' not in html(self.TEXT, prefix='"x" onclick="')
        assert 'id="note-xonclick1"' in html(self.TEXT, prefix='"x" onclick="')


@pytest.mark.parametrize("text", ["مرحبا بالعالم", "- مرحبا", "> مرحبا", "# مرحبا", "1. مرحبا", "| مرحبا |\n|---|\n"])
def test_each_block_finds_its_direction(text: str):
    assert 'dir="auto"' in html(text)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_every_end_of_a_line_is_one(end: str):
    assert html(f"# a{end}{end}b{end}c") == html("# a\n\nb\nc")
