"""From a scene to its layers: what stands where, from far to near."""

from .layers import Layer
from .light import Light, lighting
from .noise import stream
from .scene import Scene
from .stage import Stage
from .subjects.abstract import Abstract
from .subjects.aurora import Aurora
from .subjects.city import paint_city
from .subjects.clouds import paint_clouds
from .subjects.desert import paint_desert
from .subjects.extras import Birds, paint_boat
from .subjects.flowers import paint_flowers
from .subjects.forest import paint_foreground, paint_forest, paint_shore
from .subjects.meadow import paint_meadow
from .subjects.mountains import paint_mountains
from .subjects.sky import paint_sky
from .subjects.space import paint_nebula, paint_planet
from .subjects.stars import Stars
from .subjects.water import Water
from .subjects.weather import Lightning, Rain, Snow, paint_fog

GROUNDS = frozenset({"mountains", "water", "sea", "forest", "city", "desert", "meadow", "sky", "beach"})


def set_stage(scene: Scene, width: int, height: int) -> Stage:
    """Where the horizon lies: low for skies, high for fields and deserts."""
    rng = stream(scene.seed, "stage")
    horizon = 0.6 if scene.has("water", "sea") else 0.56
    if scene.subjects <= {"sky"}:
        horizon = 0.88
    return Stage(width, height, horizon + float(rng.uniform(-0.05, 0.05)))


def compose(scene: Scene, stage: Stage) -> list[Layer]:
    """Every layer of the picture, in drawing order."""
    if not scene.subjects & GROUNDS:
        return _deep_space(scene, stage) if "space" in scene.subjects else [Abstract(scene, stage)]
    light = lighting(scene)
    layers = _heavens(scene, stage, light) + _ground(scene, stage, light)
    if scene.has("birds"):
        layers.append(Birds(scene, stage, light))
    if scene.has("rain", "storm"):
        layers.append(Rain(scene, stage, light))
    if scene.has("snow"):
        layers.append(Snow(scene, stage))
    return layers


def _deep_space(scene: Scene, stage: Stage) -> list[Layer]:
    layers: list[Layer] = [paint_nebula(scene, stage)]
    if "stars" not in scene.banned:
        layers.append(Stars(scene, stage, lighting(scene), rows=stage.height, dense=1.5))
    if scene.has("planet"):
        layers.append(paint_planet(scene, stage))
    return layers


def _heavens(scene: Scene, stage: Stage, light: Light) -> list[Layer]:
    layers: list[Layer] = [paint_sky(scene, stage, light)]
    if scene.has("stars"):
        layers.append(Stars(scene, stage, light, rows=stage.horizon_row))
    if scene.has("planet"):
        layers.append(paint_planet(scene, stage, pale=light.sky[1]))
    if scene.has("aurora"):
        layers.append(Aurora(scene, stage))
    if scene.has("clouds"):
        layers += paint_clouds(scene, stage, light)
    if scene.has("lightning"):
        layers.append(Lightning(scene, stage))
    return layers


def _ground(scene: Scene, stage: Stage, light: Light) -> list[Layer]:
    subjects = scene.subjects
    water = bool(subjects & {"water", "sea", "beach"})
    near_ground = water or bool(subjects & {"meadow", "forest", "desert", "city"})
    layers: list[Layer] = []
    if "mountains" in subjects:
        base = stage.horizon + (0.02 if near_ground else 0.32)
        layers += paint_mountains(scene, stage, light, count=3 if near_ground else 5, base=base)
    if scene.has("fog"):
        layers.append(paint_fog(scene, stage, light, at=stage.horizon, reach=0.16, depth=0.2))
    if "city" in subjects:
        layers += paint_city(scene, stage, light, base=stage.horizon if water else 0.86)
    if water:
        layers += _waterside(scene, stage, light)
    if "desert" in subjects and not water:
        layers += paint_desert(scene, stage, light)
    if "meadow" in subjects:
        layers += _meadow(scene, stage, light, first=0.84 if water else stage.horizon)
    if subjects <= {"sky"}:
        layers += paint_meadow(scene, stage, light, first=stage.horizon, count=2)
    if "forest" in subjects and not water:
        layers += _woods(scene, stage, light)
    return layers


def _waterside(scene: Scene, stage: Stage, light: Light) -> list[Layer]:
    layers: list[Layer] = []
    calm = "sea" not in scene.subjects
    if scene.has("trees") and calm and "city" not in scene.subjects:
        layers += paint_shore(scene, stage, light)
    if scene.has("boat"):
        layers.append(paint_boat(scene, stage, light))
    layers.append(Water(scene, stage, light, rough=0.25 if calm else 0.75))
    if scene.has("fog"):
        layers.append(paint_fog(scene, stage, light, at=stage.horizon + 0.04, reach=0.09, depth=0.5))
    if "forest" in scene.subjects:
        layers += paint_foreground(scene, stage, light)
    return layers


def _meadow(scene: Scene, stage: Stage, light: Light, *, first: float) -> list[Layer]:
    layers: list[Layer] = [*paint_meadow(scene, stage, light, first=first, count=2 if first > 0.8 else 4)]
    if scene.has("flowers") and scene.season != "winter" and scene.weather != "snow":
        layers += paint_flowers(scene, stage, light, first=first + 0.08)
    return layers


def _woods(scene: Scene, stage: Stage, light: Light) -> list[Layer]:
    if scene.subjects & {"mountains", "meadow", "desert", "city"}:
        return [*paint_foreground(scene, stage, light)]
    layers: list[Layer] = []
    for index, row in enumerate(paint_forest(scene, stage, light)):
        layers.append(row)
        if scene.has("fog") and index in {1, 3}:
            layers.append(paint_fog(scene, stage, light, at=stage.horizon + 0.1 * index, reach=0.14, depth=0.3 + 0.1 * index))
    return layers
