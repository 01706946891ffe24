"""Conversations as files: taken out (exporting), and in again (importing: Studio's own `records`, and `chatgpt`)."""
