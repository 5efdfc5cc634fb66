// An emulated Node loads this first, so that programs that it starts by `process.execPath` are emulated too. This
// machine's kernel does not start arm64 programs.
process.execPath = process.env['WYVERN_EMULATED_NODE'] ?? process.execPath;
