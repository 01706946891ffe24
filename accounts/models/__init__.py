from accounts.models.budget import Budget
from accounts.models.key import ProviderKey
from accounts.models.offered import WithheldProvider
from accounts.models.user import Invitation, User

__all__ = ["Budget", "Invitation", "ProviderKey", "User", "WithheldProvider"]
