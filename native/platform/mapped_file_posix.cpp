#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "../failure.h"
#include "mapped_file.h"

namespace wyvern {

MappedFile::MappedFile(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        throw Failure(errno == ENOENT ? FailureCode::file_not_found : FailureCode::file_unreadable,
                      path + " cannot be opened for reading.");
    }
    struct stat facts {};
    const bool is_file = fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0;
    void* mapped =
        is_file ? mmap(nullptr, static_cast<size_t>(facts.st_size), PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
    close(file);
    if (mapped == MAP_FAILED) {
        throw Failure(FailureCode::file_unreadable, path + " is empty, or cannot be mapped into memory.");
    }
    data_ = static_cast<const std::byte*>(mapped);
    size_ = static_cast<size_t>(facts.st_size);
}

MappedFile::~MappedFile() { munmap(const_cast<std::byte*>(data_), size_); }

}  // namespace wyvern
