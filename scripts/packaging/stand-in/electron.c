/* Stands in for electron.exe in the rehearsal of packaging: an Arm program that does nothing, with Electron's fuse wire and a
   version resource, which are what packaging reads and writes. See make.mjs. */
const volatile unsigned char fuse_wire[] = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX"
                                           "\x01\x09"
                                           "101100011";

int start(void) { return fuse_wire[0] == 'd' ? 0 : 1; }
