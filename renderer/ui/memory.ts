/**
 * Small values in web storage for convenience (drafts, the open chat, the sidebar). Losing them is harmless, so full or
 * forbidden storage counts as empty.
 */
export interface Memory {
  read(key: string): string | undefined;
  write(key: string, value: string | undefined): void;
}

function memoryOf(storage: () => Storage): Memory {
  return {
    read: (key) => {
      try {
        return storage().getItem(`wyvern.${key}`) ?? undefined;
      } catch {
        return undefined;
      }
    },
    write: (key, value) => {
      try {
        if (value === undefined) storage().removeItem(`wyvern.${key}`);
        else storage().setItem(`wyvern.${key}`, value);
      } catch {
        // Ignore the failure: the next read finds nothing, which is allowed.
      }
    },
  };
}

/** Survives a restart. */
export const lasting = memoryOf(() => localStorage);
/** Survives a reload of the window, but not a restart. */
export const passing = memoryOf(() => sessionStorage);
