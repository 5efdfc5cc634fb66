"""`python -m export llama` says what is wrong before it works for hours. Run only where torch is installed."""

import argparse
import json

import pytest

pytest.importorskip("torch")

from export import llama, llama_resources, qnn_libraries
from export.fixture import CHECKPOINT, PARAMS_FILE, TOKENIZER
from export.fixture_dialogue import CHAT_TEMPLATE
from export.llama_chat import calibration_texts, is_llama_3
from export.llama_resources import GIB, Needs, estimate, shortages
from export.llama_tokens import ending_tokens


def run(*extra, tokenizer=TOKENIZER):
    parser = argparse.ArgumentParser()
    llama.add_arguments(parser)
    given = ["--checkpoint", CHECKPOINT, "--params", PARAMS_FILE, "--tokenizer", tokenizer, *extra]
    return llama.run(parser.parse_args([str(word) for word in given]))


def test_a_tokenizer_without_template_asks_for_one(tmp_path, capsys):
    assert run("--target", "xnnpack", "--out", tmp_path) == 1
    assert "--chat-template" in capsys.readouterr().err


def test_a_missing_tokenizer_is_named(tmp_path, capsys):
    assert run("--target", "xnnpack", "--out", tmp_path, tokenizer=tmp_path / "none.model") == 1
    assert "none.model does not exist" in capsys.readouterr().err


def test_memory_is_looked_at_before_anything_is_read(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(llama_resources, "available_memory", lambda: (GIB // 2, 0))
    assert run("--target", "emulator", "--out", tmp_path, "--completion") == 1
    assert "sudo mkswap" in capsys.readouterr().err
    assert not (tmp_path / "model.pte").exists()


def test_a_billion_weights_need_about_what_was_measured():
    needs = estimate(1_498_000_000, 0, npu=True)
    assert 44e9 < needs.memory < 54e9


def test_nothing_is_short_where_nothing_is_needed(tmp_path):
    assert shortages(Needs(0, 0), tmp_path) == []


def test_the_wrong_library_folder_is_named(tmp_path):
    with pytest.raises(qnn_libraries.LibrariesError, match=r"libQnnHtp\.so"):
        qnn_libraries.libraries(tmp_path)


def test_calibration_conversations_carry_the_models_own_markers():
    texts = calibration_texts(None, CHAT_TEMPLATE)
    assert len(texts) > 10
    assert all(text.startswith(("<|user|>", "<|system|>")) and text.endswith("<|end|>") for text in texts)


def test_calibration_takes_plain_paragraphs(tmp_path):
    file = tmp_path / "text.txt"
    file.write_text("One.\nStill one.\n\n\nTwo.\n")
    assert calibration_texts(file, None) == ["One.\nStill one.", "Two."]


def test_ending_tokens_are_the_stop_tokens_and_the_end_of_text():
    assert ending_tokens(TOKENIZER, ["<|end|>"]) == (1, [6, 2])
    with pytest.raises(ValueError, match="nonsense"):
        ending_tokens(TOKENIZER, ["<|nonsense|>"])


def test_tiktoken_files_are_told_apart_by_content(tmp_path):
    file = tmp_path / "tokenizer.model"
    file.write_bytes(b"IQ== 0\nIg== 1\n")
    assert is_llama_3(file)
    assert not is_llama_3(TOKENIZER)
    assert ending_tokens(file, ["<|eot_id|>"]) == (2, [11, 3])


def test_expected_answers_are_the_committed_text():
    from export.fixture import FIXTURES
    from export.fixture_exam import MINIMUM_MARGIN, questions

    entries = json.loads((FIXTURES / "tiny-llama/expected.json").read_text())
    assert min(entry["margin"] for entry in entries) >= MINIMUM_MARGIN
    said = {entry["continuation"] for entry in entries if entry["reason"] == "stop"}
    assert {question.expected for question in questions() if not question.endless} == said
