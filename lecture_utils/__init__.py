"""Shared code of the course: data, figures and training helpers."""
