#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <windows.h>

#include <set>

#include "descriptors.h"

namespace wyvern {

// The libraries and this addon share one C runtime (/MD), and with it one table of descriptors.

int open_unnamed_file() {
    FILE* file = tmpfile();
    return file == nullptr ? -1 : _fileno(file);
}

namespace {

/// Keeps a handle open while this runtime closes its descriptor. Node has a runtime of its own with the same handle:
/// without this, its standard output would be gone, or be another file.
class Kept {
 public:
    explicit Kept(HANDLE handle) : handle_(handle) {
        SetHandleInformation(handle_, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE);
    }
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;
    ~Kept() { SetHandleInformation(handle_, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0); }

 private:
    HANDLE handle_;
};

}  // namespace

int redirect(int descriptor, int file) {
    // After the first redirection the descriptor has a handle that nobody shares. The caller makes one capture at a
    // time.
    static std::set<int> owned;
    const int original = _dup(descriptor);
    if (original < 0) {
        return original;
    }
    if (owned.insert(descriptor).second) {
        const Kept kept(reinterpret_cast<HANDLE>(_get_osfhandle(descriptor)));
        _dup2(file, descriptor);
    } else {
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
