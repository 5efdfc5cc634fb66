#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace wyvern {

/// A whole file, mapped for reading while this object lives.
class MappedFile {
 public:
    /// `path` is absolute, in UTF-8. Throws `file-not-found`, or `file-unreadable` also for an empty file.
    explicit MappedFile(const std::string& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
    const std::byte* data_ = nullptr;
    size_t size_ = 0;
};

}  // namespace wyvern
