// `resources/native/disk_log.so`, loaded before everything else (LD_PRELOAD) into a process whose store loses power in
// a simulation. It passes each change of a file below `DISK_LOG_ROOT` on, and appends it to the file `DISK_LOG_FILE`,
// from which `torture/simulation/disk.ts` makes the disks that a power cut could have left.
//
// A record: operation (1 byte), length of the path (u32), length of the data (u32), offset (u64), path, data;
// little-endian.
//   W  data written at the offset        T  cut or grown to the offset    S  file or folder flushed
//   C  file created                      U  name removed                  R  renamed to the name in `data`
//
// Opening `DISK_LOG_ROOT/.full` or `/.roomy` makes the disk full or gives it room again; both fail with ENOENT.
//
// No C++ library here: Node contains one of its own.

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr int most_files = 4096;
char paths[most_files][PATH_MAX];
bool known[most_files];
bool full = false;
int log_file = -1;
const char* root = nullptr;
size_t root_length = 0;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

template <typename Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

using Write = ssize_t (*)(int, const void*, size_t);

[[gnu::constructor]] void begin() {
    root = getenv("DISK_LOG_ROOT");
    const char* file = getenv("DISK_LOG_FILE");
    if (root == nullptr || file == nullptr) {
        root = nullptr;
        return;
    }
    root_length = strlen(root);
    using Open = int (*)(const char*, int, ...);
    log_file = next<Open>("open64")(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

bool is_ours(const char* path) {
    return root != nullptr && log_file >= 0 && strncmp(path, root, root_length) == 0 && path[root_length] == '/';
}

bool is_ours(int file) { return file >= 0 && file < most_files && known[file]; }

void append(char operation, const char* path, uint64_t offset, const void* data, uint32_t size) {
    unsigned char head[17];
    const auto path_size = static_cast<uint32_t>(strlen(path));
    head[0] = static_cast<unsigned char>(operation);
    memcpy(head + 1, &path_size, 4);
    memcpy(head + 5, &size, 4);
    memcpy(head + 9, &offset, 8);
    const iovec parts[] = {{head, sizeof(head)}, {const_cast<char*>(path), path_size}, {const_cast<void*>(data), size}};
    pthread_mutex_lock(&mutex);
    using Writev = ssize_t (*)(int, const iovec*, int);
    static const auto real = next<Writev>("writev");
    if (real(log_file, parts, 3) < 0) {
        abort();
    }
    pthread_mutex_unlock(&mutex);
}

/// The number may have belonged to one of our files: libuv closes without the C library.
void forget(int file) {
    if (file >= 0 && file < most_files) {
        known[file] = false;
    }
}

/// Notes an opened file, and whether it is new.
int opened(int file, const char* path, bool existed, int flags) {
    if (file < 0 || file >= most_files) {
        return file;
    }
    strncpy(paths[file], path, PATH_MAX - 1);
    known[file] = true;
    if (!existed && (flags & O_CREAT) != 0) {
        append('C', path, 0, nullptr, 0);
    }
    if (existed && (flags & O_TRUNC) != 0) {
        append('T', path, 0, nullptr, 0);
    }
    return file;
}

/// Whether the path is one of the two that steer the disk.
bool steers(const char* path) {
    const char* name = path + root_length + 1;
    const bool fills = strcmp(name, ".full") == 0;
    if (!fills && strcmp(name, ".roomy") != 0) {
        return false;
    }
    full = fills;
    return true;
}

int open_logged(const char* function, const char* path, int flags, mode_t mode) {
    using Open = int (*)(const char*, int, ...);
    const auto real = next<Open>(function);
    if (!is_ours(path)) {
        const int file = real(path, flags, mode);
        forget(file);
        return file;
    }
    if (steers(path)) {
        errno = ENOENT;
        return -1;
    }
    const bool existed = access(path, F_OK) == 0;
    if (full && !existed && (flags & O_CREAT) != 0) {
        errno = ENOSPC;
        return -1;
    }
    return opened(real(path, flags, mode), path, existed, flags);
}

mode_t mode_of(int flags, va_list arguments) { return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0; }

/// Fails as a full disk does, if these bytes would make the file longer.
bool has_no_room(int file, off64_t end) {
    struct stat facts {};
    return full && fstat(file, &facts) == 0 && end > facts.st_size;
}

ssize_t write_logged(int file, const void* data, size_t size, off64_t offset) {
    using Pwrite = ssize_t (*)(int, const void*, size_t, off64_t);
    static const auto real = next<Pwrite>("pwrite64");
    if (is_ours(file) && has_no_room(file, offset + static_cast<off64_t>(size))) {
        errno = ENOSPC;
        return -1;
    }
    const ssize_t written = real(file, data, size, offset);
    if (written > 0 && is_ours(file)) {
        append('W', paths[file], static_cast<uint64_t>(offset), data, static_cast<uint32_t>(written));
    }
    return written;
}

int cut_logged(int file, off64_t size) {
    using Truncate = int (*)(int, off64_t);
    static const auto real = next<Truncate>("ftruncate64");
    const int result = real(file, size);
    if (result == 0 && is_ours(file)) {
        append('T', paths[file], static_cast<uint64_t>(size), nullptr, 0);
    }
    return result;
}

int flush_logged(const char* function, int file) {
    using Flush = int (*)(int);
    const int result = next<Flush>(function)(file);
    if (result == 0 && is_ours(file)) {
        append('S', paths[file], 0, nullptr, 0);
    }
    return result;
}

}  // namespace

EXPORT int open(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_logged("open", path, flags, mode);
}

EXPORT int open64(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_logged("open64", path, flags, mode);
}

EXPORT int close(int file) {
    using Close = int (*)(int);
    static const auto real = next<Close>("close");
    forget(file);
    return real(file);
}

EXPORT ssize_t pwrite(int file, const void* data, size_t size, off_t offset) {
    return write_logged(file, data, size, offset);
}

EXPORT ssize_t pwrite64(int file, const void* data, size_t size, off64_t offset) {
    return write_logged(file, data, size, offset);
}

EXPORT ssize_t write(int file, const void* data, size_t size) {
    static const auto real = next<Write>("write");
    if (!is_ours(file)) {
        return real(file, data, size);
    }
    const off64_t offset = lseek64(file, 0, SEEK_CUR);
    if (offset < 0) {
        // A pipe under a number that libuv has closed.
        forget(file);
        return real(file, data, size);
    }
    if (has_no_room(file, offset + static_cast<off64_t>(size))) {
        errno = ENOSPC;
        return -1;
    }
    const ssize_t written = real(file, data, size);
    if (written > 0) {
        append('W', paths[file], static_cast<uint64_t>(offset), data, static_cast<uint32_t>(written));
    }
    return written;
}

EXPORT int ftruncate(int file, off_t size) { return cut_logged(file, size); }
EXPORT int ftruncate64(int file, off64_t size) { return cut_logged(file, size); }
EXPORT int fsync(int file) { return flush_logged("fsync", file); }
EXPORT int fdatasync(int file) { return flush_logged("fdatasync", file); }

EXPORT int unlink(const char* path) {
    using Unlink = int (*)(const char*);
    static const auto real = next<Unlink>("unlink");
    const int result = real(path);
    if (result == 0 && is_ours(path)) {
        append('U', path, 0, nullptr, 0);
    }
    return result;
}

EXPORT int rename(const char* from, const char* to) {
    using Rename = int (*)(const char*, const char*);
    static const auto real = next<Rename>("rename");
    const int result = real(from, to);
    if (result == 0 && is_ours(from)) {
        append('R', from, 0, to, static_cast<uint32_t>(strlen(to)));
    }
    return result;
}
