"""The exporter and the filler give the same bytes. Run only where torch and ExecuTorch are installed."""

import dataclasses

import pytest

from export.default_model import calibration, gguf_source, program, ptd
from export.default_model.bundle import CONTEXT
from export.default_model.weights import Weights
from export.default_model.weights_data import entries

pytest.importorskip("torch")
pytest.importorskip("executorch.exir")


def test_a_program_of_two_layers_asks_for_what_the_filler_makes(tmp_path):
    from export.default_model.decoder import Decoder
    from export.default_model.lower import lower
    from export.default_model.smollm2 import metadata

    source = gguf_source.Source(gguf_source.locate())
    shape = dataclasses.replace(source.shape, layers=2)
    weights = Weights(source)
    lowered = lower(Decoder(shape, weights, calibration.load(), CONTEXT).eval(), CONTEXT - 1, metadata(shape))
    lowered.write_tensor_data_to_file(str(tmp_path))

    filled = {entry.key: entry.content for entry in entries(shape, weights, CONTEXT)}
    assert program.keys(lowered.buffer) == set(filled)
    exported = ptd.read(tmp_path / "model.ptd")
    assert exported.keys() == filled.keys()
    assert all(exported[key] == content for key, content in filled.items())
