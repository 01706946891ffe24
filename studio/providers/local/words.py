"""The English words that the engine knows, and the feature that each of them asks for."""

from typing import Final

SUBJECTS: Final[dict[str, str]] = {
    "mountains": "mountain mount peak summit alp alpine ridge cliff fjord volcano himalaya glacier highland canyon "
    "valley",
    "water": "lake river pond reservoir lagoon bay harbor harbour stream waterfront fjord canal tarn",
    "sea": "sea ocean beach coast wave shore seaside island atlantic pacific surf tide seascape boat ship sail "
    "lighthouse sailboat",
    "beach": "beach sand shore surf coast seaside",
    "forest": "forest tree wood woodland pine jungle taiga grove fir spruce birch redwood treeline",
    "city": "city skyline town skyscraper building street downtown metropolis cityscape urban tokyo york london "
    "neon cyberpunk manhattan oslo paris tower rooftop",
    "desert": "desert dune sahara oasis mesa arid namib",
    "meadow": "meadow flower field grass garden tulip lavender poppy wildflower prairie bloom daisy sunflower "
    "hill pasture farm village cottage countryside blossom",
    "sky": "sky cloud cloudscape heaven skyscape",
    "space": "space galaxy nebula planet cosmos cosmic universe astronaut saturn jupiter mars asteroid comet orbit "
    "interstellar supernova spaceship",
    "abstract": "abstract pattern geometric texture wallpaper fluid swirl marble gradient silk fractal shape "
    "minimalism background curve ribbon",
}

LIGHTS: Final[dict[str, str]] = {
    "dawn": "dawn daybreak twilight early",
    "sunrise": "sunrise morning",
    "noon": "blue_sky noon midday day daytime sunny daylight bright afternoon sunlit",
    "golden": "golden_hour goldenhour magic_hour golden evening",
    "sunset": "sunset sundown afterglow",
    "dusk": "dusk blue_hour gloaming nightfall",
    "night": "neon cyberpunk night midnight nocturnal starry dark milky_way starlight",
    "moonlight": "moon moonlight moonlit moonrise full_moon crescent",
    "aurora": "aurora northern_light polar_light borealis",
}

WEATHER: Final[dict[str, str]] = {
    "fog": "fog mist foggy misty haze hazy",
    "rain": "rain rainy drizzle raining shower monsoon downpour",
    "snow": "snow snowy snowfall blizzard snowing snowstorm snowflake",
    "storm": "storm stormy thunder thunderstorm lightning tempest hurricane",
    "clear": "clear cloudless",
    "cloudy": "cloudy overcast grey_sky gray_sky gloomy",
}

SEASONS: Final[dict[str, str]] = {
    "spring": "spring blossom cherry",
    "summer": "summer",
    "autumn": "autumn fall autumnal october november",
    "winter": "winter icy frozen frost frosty ice december january arctic snow snowy",
}

ELEMENTS: Final[dict[str, str]] = {
    "sun": "sun sunlight sunshine sunbeam sunburst",
    "moon": "moon crescent full_moon moonlight moonlit moonrise",
    "stars": "star starry starlight constellation stargazing milky_way galaxy",
    "milkyway": "milky_way galaxy",
    "clouds": "cloud cloudy cloudscape cumulus overcast",
    "aurora": "aurora northern_light polar_light borealis",
    "birds": "bird seagull gull flock crow eagle swallow goose geese",
    "boat": "boat ship sail sailboat yacht sailing",
    "planet": "planet saturn jupiter mars ring orbit world",
    "rings": "ring saturn",
    "lighthouse": "lighthouse",
    "cabin": "cabin cottage hut house farm barn village chalet",
    "rays": "ray sunbeam godray beam",
    "trees": "tree pine forest wood fir",
    "windows": "window lamp light lit lantern",
    "flowers": "flower tulip lavender poppy wildflower bloom daisy blossom",
    "reflection": "reflection mirror",
    "lightning": "lightning",
    "blossom": "blossom cherry sakura",
    "lavender": "lavender heather violet",
    "poppies": "poppy rose",
    "sunflowers": "sunflower daffodil buttercup daisy",
    "silk": "silk fluid swirl marble ribbon curve wave flow liquid",
    "paper": "paper geometric pattern cutout layer topographic shape",
    "mesh": "gradient mesh minimalism background blur soft wallpaper",
    "grain": "grain noise",
    "vignette": "vignette",
}

# Each colour's hue in OKLCH degrees and its chroma; the greys have none.
COLOURS: Final[dict[str, tuple[float, float]]] = {
    "red": (25, 0.19), "crimson": (20, 0.19), "scarlet": (30, 0.2), "orange": (55, 0.17), "amber": (75, 0.16),
    "gold": (85, 0.14), "yellow": (100, 0.16), "lime": (125, 0.18), "green": (145, 0.15), "emerald": (160, 0.15),
    "mint": (165, 0.09), "teal": (190, 0.1), "turquoise": (195, 0.11), "cyan": (205, 0.12), "azure": (240, 0.13),
    "blue": (255, 0.15), "indigo": (275, 0.16), "violet": (300, 0.16), "purple": (310, 0.16), "lilac": (310, 0.09),
    "magenta": (335, 0.2), "pink": (355, 0.12), "rose": (5, 0.12), "coral": (35, 0.14), "peach": (55, 0.09),
    "brown": (60, 0.07), "sepia": (70, 0.06), "white": (90, 0.01), "grey": (250, 0.008), "gray": (250, 0.008),
    "black": (270, 0.01), "silver": (250, 0.01),
}  # fmt: skip

STYLES: Final[dict[str, str]] = {
    "watercolour": "watercolour watercolor aquarelle",
    "ink": "ink sumi sumie woodblock calligraphy",
    "poster": "poster vector flat minimalist screenprint lowpoly",
    "pastel": "pastel chalk",
    "film": "film analog analogue kodak vintage polaroid retro nostalgic",
    "cinematic": "cinematic blockbuster movie epic",
    "noir": "noir monochrome black_and_white",
    "vivid": "vivid vibrant saturated psychedelic colourful colorful",
    "dreamy": "dreamy ethereal dreamlike surreal soft fairytale",
}

_SMALL: Final = (
    "a an the of in on at by with and or over under above below near from to into through beside behind between "
    "is are be as it its this that very some many few one two photo picture image painting view scene style "
    "high quality detailed beautiful 4k 8k hd no without"
)
SMALL: Final[frozenset[str]] = frozenset(_SMALL.split())
