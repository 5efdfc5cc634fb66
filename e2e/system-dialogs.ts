/** Sets the answers of the system's dialogs. */
import type { WyvernApp } from './app.ts';

/** @returns the path, for later checks */
export async function saveAs(app: WyvernApp, path: string): Promise<string> {
  await app.shell.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
  }, path);
  return path;
}

/** @param paths None: the person cancels. */
export async function choose(app: WyvernApp, paths: readonly string[]): Promise<void> {
  await app.shell.evaluate(
    ({ dialog }, filePaths) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: filePaths.length === 0, filePaths });
    },
    [...paths],
  );
}
