from generations.models.catalogue import Catalogue, Payload
from generations.models.event import JobEvent
from generations.models.job import Job
from generations.models.lease import Lease
from generations.models.media import Asset, Output, Uploaded
from generations.models.prompt import Favourite, SavedPrompt

__all__ = [
    "Asset",
    "Catalogue",
    "Favourite",
    "Job",
    "JobEvent",
    "Lease",
    "Output",
    "Payload",
    "SavedPrompt",
    "Uploaded",
]
