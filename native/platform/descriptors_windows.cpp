#include <fcntl.h>
#include <io.h>
#include <stdio.h>

#include "descriptors.h"

namespace wyvern {

// The libraries and this addon share one C runtime (/MD), and with it one table of descriptors.

int open_unnamed_file() {
    FILE* file = tmpfile();
    return file == nullptr ? -1 : _fileno(file);
}

int redirect(int descriptor, int file) {
    const int original = _dup(descriptor);
    if (original >= 0) {
        _dup2(file, descriptor);
    }
    return original;
}

void restore(int descriptor, int original) {
    if (original >= 0) {
        _dup2(original, descriptor);
        _close(original);
    }
}

std::string take_contents(int file) {
    std::string text;
    const long size = _lseek(file, 0, SEEK_END);
    if (size <= 0) {
        return text;
    }
    text.resize(static_cast<size_t>(size));
    _lseek(file, 0, SEEK_SET);
    const int got = _read(file, text.data(), static_cast<unsigned>(text.size()));
    text.resize(got > 0 ? static_cast<size_t>(got) : 0);
    if (_chsize(file, 0) != 0) {
        return {};
    }
    _lseek(file, 0, SEEK_SET);
    return text;
}

}  // namespace wyvern
