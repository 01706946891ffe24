from generations.models.archive import Archive
from generations.models.catalogue import Catalogue, Payload
from generations.models.conversation import ChatPreset, Conversation, Folder, ModelPrice
from generations.models.event import JobEvent
from generations.models.job import Job
from generations.models.lease import Lease
from generations.models.link import Audience, LinkOpening, ShareItem, ShareLink
from generations.models.media import Asset, Output, Uploaded
from generations.models.message import Message, ReplyPiece, ReplyState, Role
from generations.models.organised import Album, AlbumItem, Colour, JobTag, Review, Tag
from generations.models.prompt import Favourite, SavedPrompt
from generations.models.source import JobSource
from generations.models.talk import Activity, Comment, JobWatch, Reaction

__all__ = [
    "Activity",
    "Album",
    "AlbumItem",
    "Archive",
    "Asset",
    "Audience",
    "Catalogue",
    "ChatPreset",
    "Colour",
    "Comment",
    "Conversation",
    "Favourite",
    "Folder",
    "Job",
    "JobEvent",
    "JobSource",
    "JobTag",
    "JobWatch",
    "Lease",
    "LinkOpening",
    "Message",
    "ModelPrice",
    "Output",
    "Payload",
    "Reaction",
    "ReplyPiece",
    "ReplyState",
    "Review",
    "Role",
    "SavedPrompt",
    "ShareItem",
    "ShareLink",
    "Tag",
    "Uploaded",
]
