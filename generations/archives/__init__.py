"""Files out of Studio, and into it.

packing     a ZIP as a stream of bytes
sidecars    what is told of a file beside it
zipping     jobs as a ZIP that is made while it is sent
working     an archive's life: asked for, worked on, done, kept for a week
running     what the worker is called with
exporting   all that is one's own, as one file
library     what that is besides results and chats
importing   files and archives into the gallery
tally       what an import has come to
sources     what was uploaded, opened with care
records     what a sidecar says, not taken at its word
reading     what other programs write into pictures
shelving    the library's way back
"""
