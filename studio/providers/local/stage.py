"""The stage a scene is painted on, and the camera that looks at it."""

from dataclasses import dataclass

OVERSCAN = 0.06  # of the frame's width, painted on either side for the camera to move into


@dataclass(frozen=True, slots=True)
class Stage:
    """A frame of `width` × `height` pixels, and the wider ground that is painted for it."""

    width: int
    height: int
    horizon: float  # as a fraction of the height

    @property
    def pad(self) -> int:
        return round(self.width * OVERSCAN)

    @property
    def wide(self) -> int:
        return self.width + 2 * self.pad

    @property
    def unit(self) -> float:
        """The length that forms are measured by: the side of a square of the frame's area, in pixels."""
        return float((self.width * self.height) ** 0.5)

    @property
    def horizon_row(self) -> int:
        return round(self.height * self.horizon)


@dataclass(frozen=True, slots=True)
class View:
    """One moment: `seconds` since the start, and how far the camera has moved: `push` is the near ground's zoom
    minus 1, `pan` its way to the right in pixels."""

    seconds: float = 0.0
    push: float = 0.0
    pan: float = 0.0

    @property
    def still(self) -> bool:
        return self.push == 0 and self.pan == 0 and self.seconds == 0

    def window(self, stage: Stage, depth: float, drift: float = 0.0) -> tuple[float, float, float]:
        """For a layer at `depth`: its zoom, and the left and right edge (in painted columns) of what is seen."""
        zoom = 1 + self.push * depth
        half = stage.width / 2
        left = stage.pad + half - half / zoom + self.pan * depth + drift * self.seconds
        span = stage.width / zoom
        left = min(max(left, 0.0), stage.wide - span)
        return zoom, left, left + span
