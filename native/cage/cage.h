/// \file
/// The cage of the engine process. A model file that exploits a fault in the runtime can do whatever the process can
/// do, so the process gives up what no model needs: other people's files, every write, sockets, other programs, other
/// processes. `native/README.md` lists the layers. No ExecuTorch and no Node-API in this folder.
#pragma once

#include <string>
#include <vector>

namespace wyvern {

struct CageOptions {
    /// Absolute paths of files and folders that stay readable, beside those of the system's libraries. A path that does
    /// not exist is ignored.
    std::vector<std::string> readable;
    /// Chromium makes shared memory for long messages by opening a file in /dev/shm. Leaves that folder writable.
    bool shared_memory = false;
    /// Linux: the layers to put up. Tests try each alone.
    bool landlock = true;
    bool seccomp = true;
};

/// What the process can no longer do.
struct Cage {
    /// It reads the readable paths alone.
    bool reads = false;
    /// It writes no file.
    bool writes = false;
    /// It opens no connection.
    bool connections = false;
    /// It starts no program and reaches into no other process.
    bool processes = false;
    /// A short reason for each layer that is not up.
    std::vector<std::string> missing;
};

/// Puts this process, with all its threads, into the cage. It cannot leave again. Call it after the libraries are
/// loaded and before the first byte of a model reaches native code. Never throws for a system that lacks a layer:
/// `missing` says so.
Cage enter_cage(const CageOptions& options);

}  // namespace wyvern
