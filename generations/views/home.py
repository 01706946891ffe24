"""The front door: what Studio is, or straight to work."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe


@dataclass(frozen=True, slots=True)
class Picture:
    """One of the built-in engine's own, painted by `make showcase` into `static/showcase/`."""

    name: str
    prompt: str
    aspect_ratio: str
    width: int
    height: int
    seed: int
    preset: str = ""

    @property
    def file(self) -> str:
        return f"showcase/{self.name}.webp"

    @property
    def ratio(self) -> str:
        return self.aspect_ratio.replace(":", "-")


PICTURES = (
    Picture("lake", "A mountain lake at sunset, mist over the water", "16:9", 960, 540, 8),
    Picture("city", "A city skyline at dusk, reflections", "9:16", 540, 960, 12),
    Picture("aurora", "Aurora over a frozen lake, stars", "16:9", 960, 540, 7),
    Picture("planet", "A ringed planet before a red nebula", "1:1", 720, 720, 5),
    Picture("poppies", "Poppies in a summer meadow before the mountains", "3:2", 960, 640, 6),
    Picture("forest", "Snow falling on a quiet pine forest, blue hour", "4:5", 768, 960, 3),
    Picture("sea", "A sailing boat on the sea, golden hour, seagulls", "4:3", 960, 720, 8),
    Picture("dunes", "Desert dunes at dawn, pink sky", "21:9", 1120, 480, 5),
    Picture("storm", "A storm at sea, lightning", "16:9", 960, 540, 13),
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("create")
    return render(request, "home.html", {"pictures": PICTURES})
