#include <fcntl.h>
#ifdef __linux__
#include <sys/mman.h>
#endif
#include <unistd.h>

#include <cstdio>

#include "descriptors.h"

namespace wyvern {

int open_unnamed_file() {
#ifdef __linux__
    // In memory: the process may be in its cage, where it cannot make files.
    const int descriptor = memfd_create("wyvern output", MFD_CLOEXEC);
#else
    // The stream stays open for the life of the process, like its descriptor.
    std::FILE* file = std::tmpfile();
    if (file == nullptr) {
        return -1;
    }
    const int descriptor = fileno(file);
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
#endif
    if (descriptor < 0) {
        return -1;
    }
    // Both streams append to it.
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_APPEND);
    return descriptor;
}

int redirect(int descriptor, int file) {
    const int original = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    if (original >= 0) {
        dup2(file, descriptor);
    }
    return original;
}

void restore(int descriptor, int original) {
    if (original >= 0) {
        dup2(original, descriptor);
        close(original);
    }
}

std::string take_contents(int file) {
    std::string text;
    const off_t size = lseek(file, 0, SEEK_END);
    if (size <= 0) {
        return text;
    }
    text.resize(static_cast<size_t>(size));
    const ssize_t got = pread(file, text.data(), text.size(), 0);
    text.resize(got > 0 ? static_cast<size_t>(got) : 0);
    if (ftruncate(file, 0) != 0) {
        return {};
    }
    return text;
}

}  // namespace wyvern
