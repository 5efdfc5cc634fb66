/**
 * Electron's fuses as an installed Wyvern has them. All of them: one that a later Electron adds must be decided here first.
 * @type {Readonly<Record<Exclude<keyof typeof import('@electron/fuses').FuseV1Options, `${number}`>, boolean>>}
 */
export const fuses = {
  // The program is Wyvern only: neither Node nor a debugger for whoever starts it with variables or arguments.
  RunAsNode: false,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableCookieEncryption: true,
  // What runs is what was packaged.
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  // Needs a snapshot file of its own, which Wyvern has none of.
  LoadBrowserProcessSpecificV8Snapshot: false,
  // The window is served by a protocol of its own.
  GrantFileProtocolExtraPrivileges: false,
  // V8 compiles WebAssembly's bounds checks away and catches the traps instead.
  WasmTrapHandlers: true,
};
