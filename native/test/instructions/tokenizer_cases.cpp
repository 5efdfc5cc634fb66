#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "../../tokenizer/sentencepiece.h"
#include "cases.h"

namespace {

std::string read(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    if (bytes.empty()) {
        std::fprintf(stderr, "%s is missing or empty.\n", file.c_str());
        std::exit(2);
    }
    return bytes;
}

std::shared_ptr<wyvern::SentencePiece> open(const std::string& checkout, const std::string& name) {
    const std::string bytes = read(checkout + "/e2e/fixtures/tokenizers/sentencepiece-" + name + "/tokenizer.model");
    const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
    return std::make_shared<wyvern::SentencePiece>(std::span(first, bytes.size()));
}

std::function<void()> encoding(const std::string& checkout, const std::string& name) {
    const auto tokenizer = open(checkout, name);
    const std::string text = read(checkout + "/export/default_model/evaluation/text.txt");
    return [=] {
        if (tokenizer->encode(text).empty()) std::abort();
    };
}

std::function<void()> decoding(const std::string& checkout, const std::string& name) {
    const auto tokenizer = open(checkout, name);
    const auto ids = tokenizer->encode(read(checkout + "/export/default_model/evaluation/text.txt"));
    return [=] {
        if (tokenizer->decode(ids).empty()) std::abort();
    };
}

}  // namespace

std::vector<Case> tokenizer_cases(const std::string& checkout) {
    return {
        {"tokenizer-encode-bpe", 16, [=] { return encoding(checkout, "bpe"); }},
        {"tokenizer-encode-unigram", 16, [=] { return encoding(checkout, "unigram"); }},
        {"tokenizer-decode", 16, [=] { return decoding(checkout, "unigram"); }},
    };
}
