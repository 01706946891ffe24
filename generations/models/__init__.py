from generations.models.catalogue import Catalogue
from generations.models.event import JobEvent
from generations.models.job import Job
from generations.models.lease import Lease
from generations.models.media import Output

__all__ = ["Catalogue", "Job", "JobEvent", "Lease", "Output"]
