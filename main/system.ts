/** Electron, as the services see it. */
import { app, nativeTheme, shell } from 'electron';
import type { BrowserWindow } from 'electron';
import { choosePaths, chooseSaveFile } from './choose-files.ts';
import { systemClock } from './clock.ts';
import { forkEngine } from './engine-process.ts';
import { emitTo } from './ipc.ts';
import { paths } from './paths.ts';
import type { System } from './services.ts';

/** `window` is asked each time: there is none before it opens and after it closes. */
export function electronSystem(window: () => BrowserWindow | undefined): System {
  return {
    paths,
    clock: systemClock,
    emit: emitTo(() => window()?.webContents),
    fork: forkEngine,
    useTheme: (theme) => (nativeTheme.themeSource = theme),
    reveal: (path) => shell.showItemInFolder(path),
    async chooseFiles(wanted) {
      const parent = window();
      return parent ? await choosePaths(parent, wanted) : [];
    },
    async chooseSave(kind) {
      const parent = window();
      return parent && (await chooseSaveFile(parent, kind));
    },
    reload: () => window()?.webContents.reload(),
    about: () => ({
      version: app.getVersion(),
      shell: 'electron' in process.versions ? 'electron' : 'chromium-host',
      platform: `${process.platform} ${process.arch}`,
    }),
  };
}
