"""Editions of the book in other languages, made from the English pages.

English is the only source. `blocks` cuts a page into messages, `messages` says what of the book
is translated, `catalogues` keeps the translations (PO files in ``locale/``), `checks` refuses what
is wrong with one, and `edition` writes the pages and notebooks of a language: text from the
catalogues, code and outputs from the English notebooks, numbers from those outputs. What is
special about a language is a module of `languages`.
"""
