import pytest

from studio.providers.local.scene import understand


@pytest.mark.parametrize(
    ("prompt", "subject"),
    [
        ("A serene mountain landscape", "mountains"),
        ("snow-capped PEAKS!", "mountains"),
        ("waves of the ocean", "sea"),
        ("a pine forest", "forest"),
        ("Tokyo skyline", "city"),
        ("sand dunes", "desert"),
        ("poppies in a field", "meadow"),
        ("a spiral galaxy", "space"),
        ("geometric shapes", "abstract"),
        ("cumulus clouds", "sky"),
    ],
)
def test_a_word_names_its_subject(prompt: str, subject: str) -> None:
    assert subject in understand(prompt).subjects


@pytest.mark.parametrize(
    ("prompt", "light"),
    [
        ("a lake at sunset", "sunset"),
        ("a lake in the golden hour", "golden"),
        ("a lake in the blue hour", "dusk"),
        ("a lake at midnight", "night"),
        ("a moonlit lake", "moonlight"),
        ("northern lights over a lake at night", "aurora"),
        ("a lake at noon", "noon"),
        ("a lake in a storm", "overcast"),
    ],
)
def test_a_word_names_its_light(prompt: str, light: str) -> None:
    assert understand(prompt).light == light


def test_weather_season_and_colours_are_read() -> None:
    scene = understand("a purple and orange sky over a foggy forest in autumn")
    assert (scene.weather, scene.season) == ("fog", "autumn")
    assert [round(hue) for hue, _ in scene.colours] == [310, 55]


def test_the_lands_own_green_does_not_colour_the_sky() -> None:
    assert understand("a green valley").colours == ()
    assert understand("a valley under a green sky").colours != ()


def test_the_negative_prompt_removes_features() -> None:
    plain = understand("the sea at night, starry, full moon, clouds, birds")
    assert {"stars", "moon", "clouds", "birds"} <= plain.features
    bare = understand("the sea at night, starry, full moon, clouds, birds", "stars, moon, clouds, birds")
    assert not {"stars", "moon", "clouds", "birds"} & bare.features


def test_a_prompt_may_negate_by_itself() -> None:
    assert "clouds" not in understand("a desert at noon without clouds").features
    assert "birds" not in understand("sunset at the sea, no birds or clouds").features


def test_the_negative_prompt_may_refuse_the_subject_itself() -> None:
    assert "mountains" not in understand("mountains", "mountains").subjects


def test_unknown_words_still_paint_something_and_not_always_the_same() -> None:
    found = {
        understand(prompt, seed=1).subjects
        for prompt in ["fox", "castle", "robot", "teapot", "violin", "horse", "bread"]
    }
    assert len(found) > 2
    assert understand("", seed=1).subjects


def test_light_changes_and_the_mountains_stay() -> None:
    assert understand("mountains at dawn", seed=3).seed == understand("mountains at dusk", seed=3).seed
    assert understand("mountains at dawn", seed=3).seed != understand("mountains at dawn", seed=4).seed


def test_a_preset_wins_over_the_prompts_style() -> None:
    assert understand("an ink drawing of the sea").style == "ink"
    assert understand("an ink drawing of the sea", preset="noir").style == "noir"
    assert understand("the sea at noon", preset="night").light == "night"
