from generations.models.catalogue import Catalogue, Payload
from generations.models.conversation import ChatPreset, Conversation, Folder, ModelPrice
from generations.models.event import JobEvent
from generations.models.job import Job
from generations.models.lease import Lease
from generations.models.media import Asset, Output, Uploaded
from generations.models.message import Message, ReplyPiece, ReplyState, Role
from generations.models.prompt import Favourite, SavedPrompt

__all__ = [
    "Asset",
    "Catalogue",
    "ChatPreset",
    "Conversation",
    "Favourite",
    "Folder",
    "Job",
    "JobEvent",
    "Lease",
    "Message",
    "ModelPrice",
    "Output",
    "Payload",
    "ReplyPiece",
    "ReplyState",
    "Role",
    "SavedPrompt",
    "Uploaded",
]
