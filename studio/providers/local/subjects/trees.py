"""Trees as silhouettes: drawn once at twice the size, so that their edges are smooth."""

import numpy as np
from PIL import Image, ImageDraw

from ..noise import Field

Point = tuple[float, float]


def tree_line(
    rng: np.random.Generator, width: int, rows: int, ground: Field, *, kind: str, height: float, gap: float
) -> Field:
    """A mask (rows, width) of trees of about `height` pixels, `gap` apart, standing on `ground` (a row per column),
    and of the ground below."""
    image = Image.new("L", (width * 2, rows * 2))
    draw = ImageDraw.Draw(image)
    edge = [(float(x * 2), float(ground[x] * 2)) for x in range(0, width, max(1, width // 200))]
    draw.polygon([(0, rows * 2), *edge, (width * 2, float(ground[-1]) * 2), (width * 2, rows * 2)], fill=255)
    x = -gap * rng.random()
    grow = conifer if kind == "conifer" else broadleaf
    while x < width + gap:
        tall = height * float(np.clip(rng.normal(1, 0.26), 0.45, 1.7))
        foot = float(ground[int(np.clip(x, 0, width - 1))]) + height * 0.1
        grow(draw, rng, (x * 2, foot * 2), tall * 2)
        x += gap * float(rng.gamma(2.2, 0.45))
    return np.asarray(image.reduce(2), np.float32) / np.float32(255)


def conifer(draw: ImageDraw.ImageDraw, rng: np.random.Generator, foot: Point, height: float) -> None:
    """A spruce: tiers of drooping branches, wider towards the ground."""
    x, y = foot
    spread = height * float(rng.uniform(0.15, 0.21))
    tiers = int(np.clip(height / 7, 5, 22))
    sides: list[list[Point]] = [[], []]
    for side, sign in ((0, -1.0), (1, 1.0)):
        for tier in range(1, tiers + 1):
            part = tier / tiers
            reach = spread * part**0.85 * float(rng.uniform(0.62, 1.1))
            level = y - height + height * 0.93 * part
            sides[side].append((x + sign * reach, level + height * 0.025))
            sides[side].append((x + sign * reach * 0.42, level - height * 0.012))
    draw.polygon([(x, y - height), *sides[0], (x, y - height * 0.06), *reversed(sides[1])], fill=255)
    trunk = max(1.0, height * 0.018)
    draw.rectangle((x - trunk, y - height * 0.2, x + trunk, y + height * 0.05), fill=255)


def broadleaf(draw: ImageDraw.ImageDraw, rng: np.random.Generator, foot: Point, height: float) -> None:
    """A round-headed tree: a trunk that forks, and a crown of many leafy masses."""
    x, y = foot
    trunk = max(1.0, height * 0.022)
    lean = float(rng.normal(0, 0.03)) * height
    crown = y - height * 0.62
    draw.polygon(
        [(x - trunk, y + height * 0.05), (x + lean - trunk * 0.5, crown), (x + lean + trunk * 0.5, crown),
         (x + trunk, y + height * 0.05)], fill=255,
    )  # fmt: skip
    wide, tall = height * float(rng.uniform(0.24, 0.34)), height * 0.36
    for _ in range(int(np.clip(height / 1.1, 24, 420))):
        angle, reach = rng.uniform(0, 2 * np.pi), float(rng.random()) ** 0.55
        cx = x + lean + np.cos(angle) * reach * wide
        cy = crown + np.sin(angle) * reach * tall * (0.75 if np.sin(angle) > 0 else 1.0)
        size = height * float(rng.uniform(0.012, 0.045)) * (1.5 - 0.8 * reach)
        draw.ellipse((cx - size * 1.2, cy - size, cx + size * 1.2, cy + size), fill=255)
