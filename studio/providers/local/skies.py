"""The colours of the sky at every light, and what that light does to the land: OKLCH, as text to be read in columns."""

from typing import Final

Stop = tuple[float, float, float]

# Zenith, middle, low, horizon, the haze in front of far things, the sun: lightness %, chroma %, hue in degrees.
_SKIES: Final = """
dawn      42  7.0 272 |  60  7.5 300 |  78  8.0  10 |  91  6.0  60 |  78  4.5 350 |  96  7.0  70
dawn      47  8.5 255 |  65  8.0 245 |  82  5.5 225 |  94  6.5  75 |  80  4.5 250 |  97  7.0  80
sunrise   52  9.0 255 |  70  7.0 275 |  84  8.0  35 |  94  9.0  85 |  82  6.0  40 |  98  7.0  90
sunrise   48 10.0 280 |  66 11.0 340 |  81 12.0  40 |  92 10.0  75 |  78  9.0  25 |  97  8.0  80
noon      52 12.5 253 |  66 11.0 244 |  81  7.0 232 |  93  2.5 220 |  83  3.5 235 |  99  2.0  95
noon      58 11.0 240 |  71  9.0 228 |  85  5.0 215 |  95  3.0 190 |  86  3.5 215 |  99  2.0  95
golden    60  8.0 245 |  76  5.5 230 |  87  8.5  75 |  93 11.0  80 |  80  8.0  75 |  98  8.0  92
golden    60  5.0 300 |  74  7.0  20 |  84 11.0  60 |  92 12.0  84 |  80  9.0  55 |  98  8.0  92
sunset    33 10.0 285 |  50 13.0 325 |  69 16.0  30 |  87 13.0  75 |  64 12.0  25 |  97 10.0  88
sunset    46  9.0 265 |  65  9.0 320 |  80 11.0  30 |  90 10.0  70 |  73  8.5 355 |  98  7.0  80
sunset    28  8.0 265 |  42 12.0 345 |  62 18.0  35 |  84 15.0  70 |  56 13.0  20 |  97 12.0  85
dusk      21  6.5 268 |  34  8.5 272 |  53  8.5 310 |  74 10.0  45 |  47  7.0 300 |  90  8.0  60
dusk      24  7.0 255 |  38  8.0 245 |  56  7.0 225 |  76  6.0 100 |  50  5.5 235 |  90  7.0  80
night     18  5.5 272 |  26  7.0 268 |  38  8.0 258 |  54  7.5 240 |  41  6.5 255 |  95  2.0 230
night     17  6.0 285 |  25  8.5 285 |  37  9.5 300 |  53 10.0 335 |  40  8.0 295 |  95  2.0  90
aurora    14  4.0 270 |  20  5.0 260 |  28  5.5 235 |  38  6.0 200 |  31  5.0 225 |  95  2.0 200
overcast  55  2.0 250 |  66  1.5 245 |  76  1.2 235 |  86  1.0 220 |  73  1.3 240 |  97  1.0  90
overcast  47  3.0 235 |  60  2.5 230 |  72  2.0 215 |  83  2.0 190 |  68  2.0 220 |  97  1.0  90
storm     25  2.5 262 |  35  3.0 250 |  49  3.0 230 |  68  3.5 200 |  45  2.8 235 |  90  2.0 200
"""

# How bright the land is beside its own colour, how much of that colour is left, the colour of its shadows.
_LAND: Final = """
dawn      62  65 |  30  5.0 285
sunrise   72  85 |  32  5.0 280
noon      98 100 |  36  5.0 255
golden    82 100 |  30  5.0  40
sunset    50  70 |  21  6.0 310
dusk      44  60 |  18  5.0 275
night     50  40 |  14  4.5 270
aurora    50  50 |  14  4.0 240
overcast  72  55 |  30  2.0 245
storm     50  50 |  20  2.5 250
"""


def _stop(cell: str) -> Stop:
    lightness, chroma, hue = (float(number) for number in cell.split())
    return lightness / 100, chroma / 100, hue


def skies() -> dict[str, list[list[Stop]]]:
    """For each light, its possible skies."""
    found: dict[str, list[list[Stop]]] = {}
    for row in _SKIES.strip().splitlines():
        name, cells = row.split(maxsplit=1)
        found.setdefault(name, []).append([_stop(cell) for cell in cells.split("|")])
    return found


def lands() -> dict[str, tuple[float, float, Stop]]:
    """For each light: the land's brightness and saturation (0 to 1), and its shadows' colour."""
    found = {}
    for row in _LAND.strip().splitlines():
        name, numbers = row.split(maxsplit=1)
        shares, shadow = numbers.split("|")
        level, saturation = (float(number) / 100 for number in shares.split())
        found[name] = (level, saturation, _stop(shadow))
    return found
