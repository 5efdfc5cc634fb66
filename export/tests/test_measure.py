"""The parts of ``python -m export measure --processors`` that need no torch."""

import hashlib
import re

import numpy as np
import pytest

from export.default_model.program import PROCESSORS, Program, ProgramError
from export.default_model.score import Column, Score, by_processor
from export.paths import ROOT

MODEL = ROOT / "resources" / "models" / "smollm2-135m-instruct"
TOKENS = [1, 9690, 198, 2683, 359, 253]


def tables(markdown):
    """Cells of each table, row by row."""
    blocks = re.findall(r"(?:^\|.*\n?)+", markdown, re.MULTILINE)
    return [[[cell.strip() for cell in line.split("|")[1:-1]] for line in block.splitlines()] for block in blocks]


def form(cell):
    """A figure's form: its digits are not compared."""
    return re.sub(r"\d+", "0", re.sub(r"`[0-9a-f]+`", "`hex`", cell))


def test_readme_has_the_table_by_processor_in_the_form_that_the_command_prints():
    column = Column(Score(14.09, 0.998, 0.00002, 1.0, 16, 16), hashlib.sha256().hexdigest())
    [printed] = tables(by_processor(dict.fromkeys(PROCESSORS, column)))
    found = tables((ROOT / "export" / "README.md").read_text(encoding="utf-8"))
    [committed] = [table for table in found if table[0][1:] == list(PROCESSORS)]
    assert [len(row) for row in committed] == [len(row) for row in printed]
    shape = [[row[0], *map(form, row[1:])] for row in printed if not row[0].startswith("-")]
    assert [[row[0], *map(form, row[1:])] for row in committed if not row[0].startswith("-")] == shape


def test_a_table_has_the_figures_of_its_processors_in_their_order():
    columns = {
        "AVX2": Column(Score(14.0949, 1.0, 0.0000149, 1.0, 16, 16), "ab" * 32),
        "i8mm": Column(Score(15.5, 0.9, 0.25, 0.5, 3, 16), "cd" * 32),
    }
    [table] = tables(by_processor(columns))
    assert table[0] == ["", "AVX2", "i8mm"]
    assert ["perplexity", "14.09", "15.50"] in table
    assert ["divergence", "0.00001", "0.25000"] in table
    assert ["answers with the same text", "16 of 16", "3 of 16"] in table
    assert ["SHA-256 of the logits begins", "`abababababab`", "`cdcdcdcdcdcd`"] in table


def test_logits_from_an_index_on_are_those_of_one_token_a_call():
    program = Program(MODEL)
    whole = program.logits(TOKENS)
    expected = hashlib.sha256(whole.tobytes()).hexdigest()
    assert program.digest == expected
    rest = program.logits(TOKENS, 4)
    program.close()
    assert whole.shape[0] == len(TOKENS)
    assert np.array_equal(whole[4:], rest)
    assert program.digest == hashlib.sha256(whole.tobytes() + rest.tobytes()).hexdigest()


def test_an_instruction_set_that_the_processor_lacks_is_an_error(capfd):
    with pytest.raises(ProgramError, match="nonsense ended early"):
        Program(MODEL, "nonsense")
    assert "This processor does not have the instruction set nonsense. It has: " in capfd.readouterr().err


def test_a_missing_bundle_is_an_error(tmp_path, capfd):
    with pytest.raises(ProgramError, match="ended early"):
        Program(tmp_path)
    assert "model.pte" in capfd.readouterr().err
