#include "embedding_table.h"

#include <cstring>

#include "../failure.h"

namespace wyvern {

EmbeddingTable::EmbeddingTable(const EmbeddingOptions& options, const Encoding& target, size_t width, size_t vocabulary)
    : file_(options.path), encoding_(options.encoding.value_or(target)), width_(width), values_(width) {
    if (options.width != width) {
        throw Failure(FailureCode::program_unsupported,
                      "The table of embeddings has rows of " + std::to_string(options.width) +
                          " values, but the first part takes " + std::to_string(width) + ".");
    }
    const size_t expected = vocabulary * width * bytes_of(encoding_.type);
    if (file_.bytes().size() != expected) {
        throw Failure(FailureCode::data_missing, options.path + " has " + std::to_string(file_.bytes().size()) +
                                                     " bytes; the embeddings of " + std::to_string(vocabulary) +
                                                     " tokens take " + std::to_string(expected) + ".");
    }
}

void EmbeddingTable::row(int32_t token, const Encoding& target, std::byte* to) {
    const size_t bytes = width_ * bytes_of(encoding_.type);
    const std::byte* from = file_.bytes().data() + static_cast<size_t>(token) * bytes;
    if (encoding_ == target) {
        std::memcpy(to, from, bytes);
        return;
    }
    decode(encoding_, from, width_, values_.data());
    encode(target, values_.data(), width_, to);
}

}  // namespace wyvern
