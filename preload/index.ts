/** The only bridge between the window and the system. It exposes the names of the contract and nothing else. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { Bridge, CallOutputs, Result } from './contract.ts';
import { callNames, eventNames } from './names.ts';

function known(names: ReadonlySet<string>, name: string): string {
  if (!names.has(name)) throw new TypeError(`The contract has no “${name}”.`);
  return name;
}

const bridge: Bridge = {
  // The contract gives both sides the types of each name's input and result.
  call: async (name, input) =>
    (await ipcRenderer.invoke(`call:${known(callNames, name)}`, input)) as Result<CallOutputs[typeof name]>,
  on: (name, listener) => {
    const channel = `event:${known(eventNames, name)}`;
    const forward = (_event: unknown, payload: Parameters<typeof listener>[0]): void => listener(payload);
    ipcRenderer.on(channel, forward);
    return () => void ipcRenderer.off(channel, forward);
  },
  pathOf: (file) => webUtils.getPathForFile(file),
};

contextBridge.exposeInMainWorld('wyvern', bridge);
