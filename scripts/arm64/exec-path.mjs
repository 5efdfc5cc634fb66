// Loaded before everything else in an emulated Node: programs that it starts by `process.execPath` are emulated too. The
// kernel of this machine does not start arm64 programs by itself.
process.execPath = process.env['WYVERN_EMULATED_NODE'] ?? process.execPath;
