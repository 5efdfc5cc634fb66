"""Model folders in AI Hub's form: arithmetic, the tokenizer, and that the committed ones are what the sources describe."""

import json

import numpy as np
import pytest

from export.genie import command
from export.genie.bundle import config, htp_settings
from export.genie.checkpoint import Checkpoint
from export.genie.graph import symmetric8, ufixed16
from export.genie.ranges import Recorder, logits
from export.genie.tokenizer_json import CONTROL, NORMAL, pieces, tokenizer_json

TOKENIZER = (command.SOURCE / "tokenizer.model").read_bytes()


def test_the_float_model_continues_its_text():
    model = Checkpoint(command.SOURCE)
    exam = json.loads((command.EXAM / "expected.json").read_text(encoding="utf-8"))
    entry = min(exam, key=lambda one: len(one["tokens"]))
    prompt, answer = entry["promptTokens"], entry["tokens"]
    found = logits(Recorder(model.norm_eps), model, prompt + answer)[0]
    assert list(found.argmax(-1)[len(prompt) - 1 : -1]) == answer


def test_an_encoding_keeps_zero_exact_and_saturates():
    encoding = ufixed16(-50.0, 0.0)
    assert encoding.quantise(np.array([0.0, -50.0, -1e9, 3.0])).tolist() == [65535, 0, 0, 65535]
    cache = symmetric8(2.0)
    assert cache.quantise(np.array([0.0, 2.0, -2.0, 9.0])).tolist() == [128, 255, 1, 255]


def test_the_tokenizer_has_every_piece_and_merges_pairs_of_pieces():
    known = pieces(TOKENIZER)
    described = tokenizer_json(TOKENIZER)
    assert list(described["model"]["vocab"]) == [piece.text for piece in known]
    control = [piece.text for piece in known if piece.kind == CONTROL]
    assert [token["content"] for token in described["added_tokens"]] == [known[0].text, *control]
    merged = {"".join(pair) for pair in described["model"]["merges"]}
    assert merged <= {piece.text for piece in known if piece.kind == NORMAL}


@pytest.mark.parametrize("name", command.BUNDLES)
def test_a_committed_folder_has_the_described_configuration(name):
    folder, plan = command.FIXTURES / name, command.BUNDLES[name]
    written = json.loads((folder / "genie_config.json").read_text(encoding="utf-8"))
    binaries = written["dialog"]["engine"]["model"]["binary"]["ctx-bins"]
    assert all((folder / binary).stat().st_size < 2_000_000 for binary in binaries)
    ends = written["dialog"]["context"]["eos-token"]
    assert written == config(Checkpoint(command.SOURCE), binaries, max(plan.contexts), ends)
    settings = json.loads((folder / "htp_backend_ext_config.json").read_text(encoding="utf-8"))
    assert settings == htp_settings(shares_weights=plan.shares_weights)
    assert json.loads((folder / "tokenizer.json").read_text(encoding="utf-8")) == tokenizer_json(TOKENIZER)


def test_the_odd_parts_are_those_that_the_command_makes():
    folder = command.FIXTURES / command.ODD
    assert {path.stem for path in folder.iterdir()} == {"embedding", "tiled-cache", *command.ODDITIES}
    assert all(path.stat().st_size < 200_000 for path in folder.iterdir())
