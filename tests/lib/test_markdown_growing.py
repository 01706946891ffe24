"""A text that comes in pieces, wherever it is cut."""

import random

import pytest

from studio.lib.markdown import Growing, blocks, growing, limits
from studio.lib.markdown.fence import OpenFence
from studio.lib.markdown.rendering import Block

PIECES = [
    "para one\nwith two lines", "text ", "# head\n", "- a\n- b\n  - c\n", "- [ ] t\n", "1. x\n2. y\n\n   more\n",
    "2. ", "+", "-", "1", "*", "```py\ndef f():\n    '''doc\n\n    x'''\n```\n", "~~~\nopen", "```", "\n```\n",
    "    code\n", "> q\n> w\nlazy", "| a | b |\n|---|---|\n| 1 | 2 |\n", "|", "---\n", "===\n", "=", "\n", "\n\n",
    "\r\n", "\t", "$$\nx^2\n$$\n", "$$x$$ y", "$a$ b ", "\\[\nx\n\\]", "**bold** _it_ `c`", "**", "`",
    "[l](http://a.b)", "[", "<b>", "\\", "https://a.b/c ", "😀", "مرحبا",
]  # fmt: skip


def grow(text: str, *sizes: int, paint: bool = True) -> Growing:
    """The text after it came in pieces of these sizes, again and again."""
    growing = Growing()
    start = number = 0
    while start < len(text):
        size = sizes[number % len(sizes)]
        growing.add(text[start : start + size])
        if paint:
            growing.paint()
        start, number = start + size, number + 1
    return growing


def whole(growing: Growing) -> list[str]:
    growing.paint(force=True)
    return [*growing.blocks, growing.tail] if growing.tail else growing.blocks


def tail(text: str) -> str:
    """What is shown of a text that stops there."""
    return grow(text, 1).tail


@pytest.mark.parametrize("seed", range(60))
def test_however_it_came_it_is_what_it_would_be_at_once(seed: int):
    chance = random.Random(seed)
    for _ in range(12):
        text = "".join(chance.choice(PIECES) + "\n" * chance.choice([0, 0, 1, 2]) for _ in range(chance.randint(1, 25)))
        sizes = chance.choices([1, 1, 2, 3, 7, 20], k=50)
        assert whole(grow(text, *sizes)) == blocks(text), repr(text)


@pytest.mark.parametrize("size", [1, 3, 4_000])
def test_a_long_one_too(size: int):
    text = "\n\n".join(
        f"# {n}\n\nWords and **words**, {n}.\n\n```py\nx = {n}\n```\n\n- a\n- b" for n in range(120 if size > 1 else 20)
    )
    assert whole(grow(text, size)) == blocks(text)


def test_what_is_finished_never_changes():
    text = "".join(random.Random(5).choices(PIECES, k=120))
    growing, before = Growing(), []
    for character in text:
        growing.add(character)
        growing.paint()
        assert growing.blocks[: len(before)] == before
        before = list(growing.blocks)
    assert len(before) > 10


def test_forcing_it_twice_is_the_same():
    growing = grow("a\n\nb\n\n- c", 1)
    assert whole(growing) == whole(growing) == blocks("a\n\nb\n\n- c")
    assert not growing.paint(force=True)


def test_it_may_go_on_after_it_was_forced():
    growing = grow("a\n\n```py\nx = 1\n", 2)
    growing.paint(force=True)
    growing.add("y = 2\n```\n\nb")
    assert whole(growing) == blocks("a\n\n```py\nx = 1\ny = 2\n```\n\nb")


def test_paint_says_whether_anything_changed():
    growing = Growing()
    assert not growing.paint()
    growing.add("a")
    assert growing.paint()
    assert not growing.paint()
    growing.add("\n-")
    assert not growing.paint()


def test_a_great_deal_at_once_is_painted_in_bites():
    growing = Growing()
    growing.add("word\n\n" * growing_pieces())
    growing.paint()
    assert growing.is_behind
    rounds = 0
    while growing.is_behind:
        growing.paint()
        rounds += 1
    assert rounds > 1
    assert len(growing.blocks) >= growing_pieces() - 2


def growing_pieces() -> int:
    return 3 * growing.BITE // len("word\n\n")


class TestUnfinished:
    @pytest.mark.parametrize(
        "end",
        [
            "-",
            "*",
            "+",
            "1",
            "12",
            "1.",
            "1)",
            "=",
            "==",
            "---",
            "#",
            "##",
            "|",
            "`",
            "```",
            "```py",
            "~~~",
            "> -",
            "- [",
            "$$",
            "\\[",
            ">",
        ],
    )
    def test_a_line_that_may_become_anything_is_held_back(self, end: str):
        assert tail(f"some words\n{end}") == '<p dir="auto">some words</p>'

    @pytest.mark.parametrize("end", ["-", "2", "2.", "```", "#", "  -", "  1"])
    def test_also_in_a_list(self, end: str):
        assert tail(f"1. some words\n{end}") == '<ol dir="auto">\n<li>some words</li>\n</ol>'

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("a **bo", "a <strong>bo</strong>"),
            ("a **bo **", "a **bo **"),
            ("a `co", "a <code>co</code>"),
            ("a ``co `x", "a <code>co `x</code>"),
            ("a ~~st", "a <s>st</s>"),
            ("a **b `c", "a <strong>b <code>c</code></strong>"),
            ("a [link", "a [link"),
            ("a [link](https://exam", "a link"),
            ("a ![image](https://exam", "a image"),
            ("a <https://exam", "a"),
            ("5 * 3 < 4", "5 * 3 &lt; 4"),
        ],
    )
    def test_what_has_begun_is_ended(self, text: str, shown: str):
        assert tail(text) == f'<p dir="auto">{shown}</p>'

    def test_a_table_waits_for_its_second_line(self):
        assert tail("before\n\n| a | b |") == '<p dir="auto">before</p>'
        assert tail("before\n\n| a | b |\n|--") == '<p dir="auto">before</p>'
        assert tail("```\nx\n```\n\n| a | b |\n") == ""
        assert "<th>b</th>" in tail("before\n\n| a | b |\n|---|---|\n")
        assert "<td>1</td>\n<td></td>" in tail("before\n\n| a | b |\n|---|---|\n| 1 ")

    def test_nothing_is_mended_in_code(self):
        assert "x ** 2\n" in tail("- a\n\n  ```\n  x ** 2\n")
        assert "2**n</code>" in tail("- a\n\n  ```\n  2**n")

    def test_nothing_is_held_back_in_the_end(self):
        assert whole(grow("a\n\n-", 1)) == blocks("a\n\n-")
        assert whole(grow("a **b", 1)) == ['<p dir="auto">a **b</p>']


class TestCode:
    CODE = "```python\n" + '"""A doc\nstring."""\ndef f():\n    return `1`\n\n' * 9

    @pytest.mark.parametrize("size", [1, 5, 33, 1_000])
    def test_it_is_code_from_its_first_line_on(self, size: int):
        growing = grow(self.CODE, size)
        assert growing.blocks == []
        assert growing.tail.startswith('<figure class="code"><figcaption><span>python</span>')
        assert '<span class="k">def</span>' in growing.tail

    def test_its_first_characters_are_shown_at_once(self):
        assert '<span class="n">x</span></code>' in tail("```python\nx")
        assert '<span class="n">xy</span></code>' in tail("```python\nxy")

    def test_its_end_is_not_shown_as_code(self):
        assert "``" not in tail(self.CODE + "``")

    @pytest.mark.parametrize("end", ["```", "````  ", "   ```"])
    def test_when_closed_it_is_what_it_would_be_at_once(self, end: str):
        growing = grow(f"{self.CODE}{end}\nafter", 6)
        assert growing.blocks == blocks(self.CODE)
        assert growing.tail == '<p dir="auto">after</p>'

    @pytest.mark.parametrize("end", ["``", "~~~", "    ```", "``` x", "x```"])
    def test_what_does_not_close_it_is_code(self, end: str):
        assert grow(f"{self.CODE}{end}\nafter\n", 6).blocks == []

    def test_long_code_is_the_same_in_pieces(self):
        text = "~~~js\n" + "let a = `${1}`; // b\n/* c\n */\n" * 400 + "~~~\n"
        assert whole(grow(text, 500)) == blocks(text)
        assert grow(text, 500).blocks == blocks(text)

    def test_a_string_over_lines_is_put_right(self):
        fence, _ = OpenFence.at_start_of("```python\n") or (None, 0)
        assert fence
        for _ in range(60):
            fence.add('"""\nfor x in y:\n"""\n')
        assert fence.html().count('<span class="k">for</span>') < 10

    def test_a_last_line_without_end(self):
        growing = grow("```python\n" + "x" * 5_000, 100)
        assert "x" * 4_900 in growing.tail


class TestLong:
    def test_one_that_is_short_is_rendered_at_each_paint(self):
        growing = grow("a" * 100 + " **b**", 1)
        assert "<strong>b</strong>" in growing.tail

    def test_words_are_shown_before_the_next_rendering(self, monkeypatch: pytest.MonkeyPatch):
        grown = grow("- one\n- " + "words and more. " * 100, 2_000)
        monkeypatch.setattr(Growing, "_render", None)
        grown.add("NEW WORDS")
        assert grown.paint()
        assert grown.tail.endswith("NEW WORDS</li>\n</ul>")

    def test_marks_wait_for_it(self):
        grown = grow("word " * 400, 2_000)
        grown.add("*n*")
        assert not grown.paint()
        assert whole(grown) == blocks("word " * 400 + "*n*")

    def test_another_block_does_not(self):
        grown = grow("word " * 400, 2_000)
        grown.add("\n\nNew\n")
        grown.paint()
        assert len(grown.blocks) == 1
        assert grown.tail == '<p dir="auto">New</p>'

    def test_one_that_is_too_long_goes_on_as_plain_text(self):
        item = "- an *item*\n"
        grown = grow(item * (limits.BLOCK // len(item)), 100)
        assert grown.tail.startswith('<ul dir="auto">\n<li>an <em>item</em></li>')
        assert grown.tail.endswith("- an *item*\n</p>")
        assert grown.is_long
        grown.add("\nAnd *on*")
        grown.paint()
        assert grown.tail == '<p dir="auto">And <em>on</em></p>'
        assert not grown.is_long
        assert grown.blocks[-1].endswith("- an *item*</p>")
        assert "".join(grown.blocks).count("item") == limits.BLOCK // len(item)

    def test_the_work_does_not_grow_with_the_text(self, monkeypatch: pytest.MonkeyPatch):
        """Counted in characters that are read, not in time."""
        read = 0

        def counted(text: str, prefix: str = "") -> list[Block]:
            nonlocal read
            read += len(text)
            return render(text, prefix)

        render = growing.rendered
        monkeypatch.setattr(growing, "rendered", counted)
        grown = Growing()
        spent = []
        for _ in range(2):
            read = 0
            for _ in range(1_000):
                grown.add("some words, ")
                grown.paint()
            spent.append(read)
        assert spent[1] < 1.5 * spent[0]
