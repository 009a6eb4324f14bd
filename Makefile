# Everything a reader or an author does has one command; `make` lists them.
# The same steps without make are written out in README.md.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Editions in other languages, beside the English one: folders of locale/.
LANGUAGES = $(patsubst locale/%/edition.yml,%,$(wildcard locale/*/edition.yml))

.DEFAULT_GOAL := help
.PHONY: help book page pdf publish test serve chapter lock data bench portability clean

help:                     ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1              /p' $(MAKEFILE_LIST) | \
	  sed 's/^\(.\{20\}\) */\1/'

book: $(READY)            ## build the site into _build/html
	@rm -rf _build/html   # Sphinx keeps the pages of chapters that are gone
	COURSE_EDITIONS="$(LANGUAGES)" $(BIN)/jupyter-book build --all -W --keep-going .
	@for language in $(LANGUAGES); do \
	  $(BIN)/python scripts/translate.py --language $$language site || exit 1; done
	@echo "Open file://$(CURDIR)/_build/html/index.html, or run 'make serve'."

page: $(READY)            ## build only the pages that changed, to look at while writing
	$(BIN)/python scripts/build_page.py

pdf: $(READY)             ## set the whole book as a PDF, from the built site
	$(BIN)/python -m uv pip install --quiet --python $(BIN)/python --group pyproject.toml:pdf
	@test -f _build/html/index.html || $(MAKE) book
	$(BIN)/python scripts/pdf.py

publish: $(READY)         ## build the site with archives of itself and of the notebooks
	@rm -rf _build/html
	$(BIN)/python scripts/publish.py

test: $(READY)            ## lint, unit tests, every chapter, the book, the canaries
	$(BIN)/python scripts/check.py

serve: $(READY)           ## show the built site at a local address
	@test -f _build/html/index.html || $(MAKE) book
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

chapter: $(READY)         ## build a notebook from its page: make chapter NAME=02_learning_rate
	$(BIN)/python scripts/build_chapters.py $(NAME)

data: $(READY)            ## fetch the three data sets into the cache, or check them
	$(BIN)/python -m lecture_utils.datasets fetch

bench: $(READY)           ## measure the speed against the lecture's way, write the page
	$(BIN)/python benchmarks/run.py

lock: $(READY)            ## compile requirements.txt again from pyproject.toml
	$(BIN)/python scripts/lock.py

portability: $(READY)     ## run the chapters as other processors would
	$(BIN)/python scripts/portability.py

clean:                    ## remove what was built, but not the environment
	rm -rf _build

# The environment is made once, and again when the lock changes or the folder was moved or copied:
# lecture_utils is installed by its place, which .ready holds. Other packages stay; the programs of a
# relocatable environment look for their Python beside them. No byte code, a tenth of the size: Python
# compiles what is imported, when it is imported.
ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif
$(READY): requirements.txt
	@$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info < (3, 14)' 2>/dev/null || \
	  { echo "Python 3.11, 3.12 or 3.13 is needed; name one: make book PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing; on Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@echo "relocatable = true" >> $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --quiet --no-compile "$$(grep '^uv==' requirements.txt)"
	$(BIN)/python -m uv pip install --quiet --system-certs --python $(BIN)/python \
	  --requirement requirements.txt || { \
	  echo "uv knows no settings of pip, such as a mirror of the package index: now by pip"; \
	  $(BIN)/python -m pip install --quiet --no-compile --requirement requirements.txt; }
	@pwd -P > $@
