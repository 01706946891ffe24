"""From a scene to its layers: what stands where, from far to near."""

from collections.abc import Iterator

from .layers import Layer
from .light import Light, lighting
from .noise import stream
from .scene import Scene
from .stage import Stage
from .subjects.abstract import Abstract
from .subjects.aurora import Aurora
from .subjects.beach import paint_beach
from .subjects.birds import Birds
from .subjects.city import paint_city
from .subjects.clouds import paint_clouds
from .subjects.desert import paint_desert
from .subjects.flowers import paint_flowers
from .subjects.fog import paint_fog
from .subjects.forest import paint_foreground, paint_forest, paint_shore
from .subjects.landmarks import paint_boat, paint_cabin, paint_lighthouse
from .subjects.lightning import Lightning
from .subjects.meadow import paint_meadow
from .subjects.mountains import paint_mountains
from .subjects.nebula import paint_nebula
from .subjects.planet import paint_planet
from .subjects.sky import paint_sky
from .subjects.stars import Stars
from .subjects.water import Water
from .subjects.weather import Rain, Snow

WATERS = frozenset({"water", "sea", "beach"})
GROUNDS = frozenset({"mountains", "water", "sea", "forest", "city", "desert", "meadow", "sky", "beach"})


def set_stage(scene: Scene, width: int, height: int) -> Stage:
    """Where the horizon lies: low for skies, high for fields and deserts."""
    rng = stream(scene.seed, "stage")
    horizon = 0.6 if scene.has("water", "sea") else 0.56
    if scene.subjects <= {"sky"}:
        horizon = 0.88
    elif scene.guide is not None and scene.guide.horizon is not None:
        return Stage(width, height, min(max(scene.guide.horizon, 0.3), 0.8))
    return Stage(width, height, horizon + float(rng.uniform(-0.05, 0.05)))


def compose(scene: Scene, stage: Stage) -> Iterator[Layer]:
    """Every layer of the picture, in drawing order, each painted when it is asked for."""
    if not scene.subjects & GROUNDS:
        yield from _deep_space(scene, stage) if "space" in scene.subjects else [Abstract(scene, stage)]
        return
    light = lighting(scene)
    yield from _heavens(scene, stage, light)
    yield from _ground(scene, stage, light)
    if scene.has("birds"):
        yield Birds(scene, stage, light)
    if scene.has("rain", "storm"):
        yield Rain(scene, stage, light)
    if scene.has("snow"):
        yield Snow(scene, stage)


def _deep_space(scene: Scene, stage: Stage) -> Iterator[Layer]:
    yield paint_nebula(scene, stage)
    if "stars" not in scene.banned:
        yield Stars(scene, stage, lighting(scene), rows=stage.height, dense=1.5)
    if scene.has("planet"):
        yield paint_planet(scene, stage)


def _heavens(scene: Scene, stage: Stage, light: Light) -> Iterator[Layer]:
    yield paint_sky(scene, stage, light)
    if scene.has("stars"):
        yield Stars(scene, stage, light, rows=stage.horizon_row)
    if scene.has("planet"):
        yield paint_planet(scene, stage, pale=light.sky[1])
    if scene.has("aurora"):
        yield Aurora(scene, stage)
    if scene.has("clouds"):
        yield from paint_clouds(scene, stage, light)
    if scene.has("lightning"):
        yield Lightning(scene, stage)


def _ground(scene: Scene, stage: Stage, light: Light) -> Iterator[Layer]:
    subjects = scene.subjects
    water = bool(subjects & WATERS)
    if "mountains" in subjects:
        behind = bool(subjects & (WATERS | {"meadow", "forest", "desert", "city"}))
        base = stage.horizon + (0.02 if behind else 0.32)
        yield from paint_mountains(
            scene, stage, light, count=3 if behind else 5, base=base, nearest=0.55 if behind else 1.0
        )
    if scene.has("fog"):
        yield paint_fog(scene, stage, light, at=stage.horizon, reach=0.16, depth=0.2)
    if "city" in subjects:
        yield from paint_city(scene, stage, light, base=stage.horizon if water else 0.95)
    if water:
        yield from _waterside(scene, stage, light)
    if "desert" in subjects and not water:
        yield from paint_desert(scene, stage, light)
    if "beach" in subjects:
        yield paint_beach(scene, stage, light)
    elif "meadow" in subjects:
        yield from _meadow(scene, stage, light, first=0.84 if water else stage.horizon)
    if subjects <= {"sky"}:
        yield from paint_meadow(scene, stage, light, first=stage.horizon, count=2)
    if "forest" in subjects and not water:
        yield from _woods(scene, stage, light)


def _waterside(scene: Scene, stage: Stage, light: Light) -> Iterator[Layer]:
    calm = "sea" not in scene.subjects
    if scene.has("trees") and calm and "city" not in scene.subjects:
        yield paint_shore(scene, stage, light)
    if scene.has("boat"):
        yield paint_boat(scene, stage, light)
    if scene.has("lighthouse"):
        yield paint_lighthouse(scene, stage, light)
    if scene.has("cabin"):
        yield paint_cabin(scene, stage, light)
    yield Water(scene, stage, light, rough=0.25 if calm else 0.75)
    if scene.has("fog"):
        yield paint_fog(scene, stage, light, at=stage.horizon + 0.04, reach=0.09, depth=0.5)
    if "forest" in scene.subjects:
        yield paint_foreground(scene, stage, light)


def _meadow(scene: Scene, stage: Stage, light: Light, *, first: float) -> Iterator[Layer]:
    far, *hills = paint_meadow(scene, stage, light, first=first, count=2 if first > 0.8 else 4)
    yield far
    if scene.has("cabin") and first < 0.8:
        yield paint_cabin(scene, stage, light)
    yield from hills
    if scene.has("flowers") and scene.season != "winter" and scene.weather != "snow":
        yield from paint_flowers(scene, stage, light, first=first + 0.08)


def _woods(scene: Scene, stage: Stage, light: Light) -> Iterator[Layer]:
    if scene.subjects & {"mountains", "meadow", "desert", "city"}:
        yield paint_foreground(scene, stage, light)
        return
    for index, row in enumerate(paint_forest(scene, stage, light)):
        yield row
        if scene.has("fog") and index in {1, 3}:
            at = stage.horizon + 0.1 * index
            yield paint_fog(scene, stage, light, at=at, reach=0.14, depth=0.3 + 0.1 * index)
