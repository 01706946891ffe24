"""Conversations with language models: asking, writing replies down as they come, and showing them."""
