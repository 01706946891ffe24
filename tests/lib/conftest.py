from .loopback import names

__all__ = ["names"]
