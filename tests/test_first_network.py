"""The page for beginners: what it shows in Python is what Python answers."""

import doctest
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "first_network.md").read_text(encoding="utf-8")


def test_its_sessions_run_as_shown(capsys):
    session = "\n".join(re.findall(r"^```pycon\n(.+?)^```$", PAGE, re.M | re.S))
    examples = doctest.DocTestParser().get_doctest(session, {}, "first_network", None, 0)
    assert len(examples.examples) > 15
    failed, _ = doctest.DocTestRunner().run(examples)
    assert not failed, capsys.readouterr().out
