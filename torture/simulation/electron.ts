/** Stands in for Electron in a simulated life, which has no Electron: see `use-electron.ts`. */
export type Served = (event: { readonly senderFrame: null }, input: unknown) => Promise<unknown>;

/** The main process's handlers by channel; those of the newest app. */
export const served = new Map<string, Served>();

export const ipcMain = {
  handle: (channel: string, handler: Served): void => {
    served.set(channel, handler);
  },
};

export const shell = {};
