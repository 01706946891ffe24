from accounts.models.key import ProviderKey
from accounts.models.user import Invitation, User

__all__ = ["Invitation", "ProviderKey", "User"]
