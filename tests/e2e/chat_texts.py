"""What is said in the conversations of `chat_rows`."""

EDITOR = """You are a patient editor. Answer in the language of the question.
Say first what is good, then what could be shorter. Never rewrite what was not asked about."""

ASKED = """I have tide tables of a harbour, as CSV. How do I find out, for a given draught, when I can get in?

Please show me code, and say which assumptions it makes."""

THOUGHT = """The person wants windows of time in which the water is deep enough. A tide table gives high and low water \
only, so the heights between are interpolated: the rule of twelfths is the usual one by hand, a cosine is smoother.

What about the chart datum? Depth = charted depth + height of tide. I should say that weather is not in it."""

RICH = r"""A tide table names only the turns, high and low water. Between two turns the height follows, near enough,
half a cosine[^1]. So the answer is **where that curve is above the depth that you lack**.

## The height at a moment

With $h_1$ at $t_1$ and $h_2$ at $t_2$, the two turns around $t$:

$$h(t) = \frac{h_1 + h_2}{2} + \frac{h_1 - h_2}{2}\cos\left(\pi\,\frac{t - t_1}{t_2 - t_1}\right)$$

```python
from math import cos, pi


def height(moment: float, before: Turn, after: Turn) -> float:
    "Height of the tide in metres above chart datum, between the two turns around `moment`."
    part = (moment - before.at) / (after.at - before.at)
    return (before.height + after.height) / 2 + (before.height - after.height) / 2 * cos(pi * part)


def windows(turns: list[Turn], charted: float, draught: float, keel: float = 0.5) -> list[tuple[float, float]]:
    wanted = draught + keel - charted  # what the tide has to bring, with half a metre under the keel for comfort
    return [(rise, fall) for rise, fall in crossings(turns, wanted) if fall - rise > 15 * 60]
```

## An example

| Harbour bar | Turn | Time | Height | Depth over the bar | Draught 1.8 m |
| --- | --- | ---: | ---: | ---: | :---: |
| South entrance | Low | 04:12 | 0.9 m | 1.6 m | no |
| South entrance | High | 10:31 | 4.8 m | 5.5 m | yes |
| South entrance | Low | 16:40 | 1.1 m | 1.8 m | no |
| South entrance | High | 22:55 | 4.6 m | 5.3 m | yes |

What it takes for granted:

- [x] heights and charted depths have the same datum
- [x] times are in one time zone, without a jump in summer
- [ ] no surge: strong wind and low pressure may shift the level by half a metre and more
    1. read the gauge, if the harbour has one
    2. add what it differs by
- [ ] no swell on the bar

> A table is a promise of the moon, not of the weather.

Run it with `python tides.py harbour.csv --draught 1.8`. More is said in [the pilot book](https://example.com/pilot).

[^1]: Near enough for most open coasts; not behind islands, where there may be two high waters.
"""

SENTENCE = "You can get in whenever half a cosine between two turns of the tide stands above the depth that you lack."

ANSWERS = (
    """**Speak from the first day.** An hour of talking teaches more than an hour of tables.

1. Learn the 500 most frequent words with a card box.
2. Find someone to talk to, twice a week.
3. Read what you would read anyway, in that language.

Expect a plateau after some months; it passes.""",
    """There is no single best way, but three things are well supported:

| What | Why |
| --- | --- |
| Spaced repetition | forgetting is what makes remembering strong |
| Much input that is *almost* understood | grammar settles by itself |
| Early output | shows you what you do not know |

Choose the language's sound first: ten evenings of listening and repeating make everything after it easier. \
Then take a short course for the structure, and leave it as soon as you can follow a simple story.

```text
Week 1-2   sounds
Week 3-8   course + cards, 30 min a day
then       stories, people, patience
```""",
    "Move there, if you can. If not: one hour a day, every day, with a person on the other side.",
)

SEEN = """A lake between mountains in the evening: the water is still, and there is **mist** over it. The light comes \
from the left and is already warm.

Nobody is in it: no boat, no house, no birds. The second picture was not there any more when I looked."""

ARABIC_ASKED = "لماذا يبدو البحر أزرق اللون؟ اشرح لي ذلك ببساطة 🌊👩‍🔬"

ARABIC = """يبدو البحر أزرق لأن الماء يمتص **الضوء الأحمر** أكثر مما يمتص الأزرق 🌊.

## باختصار

1. يدخل ضوء الشمس إلى الماء ☀️
2. تُمتص الألوان الدافئة أولاً
3. ويعود إلينا الأزرق 💙

| اللون | العمق |
| --- | --- |
| أحمر | 5 m |
| أزرق | 60 m |

> البحر مرآة السماء أيضاً.

In English: water absorbs `red` first. 👩‍👩‍👧‍👦🏳️‍🌈🇳🇴
"""
