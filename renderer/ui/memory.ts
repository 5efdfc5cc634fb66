/**
 * Small things the window remembers for comfort (drafts, the open chat, the sidebar): lost without harm, so a storage
 * that is full or forbidden is treated as an empty one.
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
        // Nothing to do: the next read finds nothing, which is allowed.
      }
    },
  };
}

/** Survives a restart. */
export const lasting = memoryOf(() => localStorage);
/** Survives a reload of the window, not a restart. */
export const passing = memoryOf(() => sessionStorage);
