#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../platform/mapped_file.h"
#include "tensor_info.h"

namespace wyvern {

/// How a table of embeddings is written: `dialog.embedding` of `genie_config.json`.
struct EmbeddingOptions {
    /// Absolute path, UTF-8, of rows without a header.
    std::string path;
    /// Absent (`native`): that of the first part's input.
    std::optional<Encoding> encoding;
    /// Values of a row.
    size_t width = 0;
};

/// A table of embeddings that the CPU reads for a model whose first part takes them. Mapped, so only used rows cost
/// memory.
class EmbeddingTable {
 public:
    /// `target` is the input that takes the rows. Throws `program-unsupported` if their widths differ, or
    /// `data-missing` if the file has another size than `vocabulary` rows.
    EmbeddingTable(const EmbeddingOptions& options, const Encoding& target, size_t width, size_t vocabulary);

    /// Writes the row of a token in the target's encoding.
    void row(int32_t token, const Encoding& target, std::byte* to);

 private:
    MappedFile file_;
    Encoding encoding_;
    size_t width_;
    std::vector<float> values_;
};

}  // namespace wyvern
