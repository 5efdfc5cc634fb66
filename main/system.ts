/** Electron, as the services see it. */
import { app, nativeTheme, shell } from 'electron';
import type { BrowserWindow } from 'electron';
import type { LanguageChoice } from '../preload/contract-values.ts';
import { choosePaths, chooseSaveFile } from './choose-files.ts';
import { systemClock } from './clock.ts';
import { forkEngine } from './engine-process.ts';
import { emitTo } from './ipc.ts';
import { setMenu } from './menu.ts';
import { paths } from './paths.ts';
import type { System } from './services.ts';
import { type Strings, stringsOf } from './strings/index.ts';

/** `window` is asked each time: there is none before it opens and after it closes. */
export function electronSystem(window: () => BrowserWindow | undefined): System {
  let words = systemStrings();
  setMenu(words);
  return {
    paths,
    clock: systemClock,
    emit: emitTo(() => window()?.webContents),
    fork: forkEngine,
    useAppearance({ theme, language }) {
      nativeTheme.themeSource = theme;
      const chosen = systemStrings(language);
      if (chosen === words) return;
      words = chosen;
      setMenu(words);
    },
    reveal: (path) => shell.showItemInFolder(path),
    async chooseFiles(wanted) {
      const parent = window();
      return parent ? await choosePaths(parent, wanted, words) : [];
    },
    async chooseSave(question) {
      const parent = window();
      return parent && (await chooseSaveFile(parent, question, words));
    },
    reload: () => window()?.webContents.reload(),
    about: () => ({
      version: app.getVersion(),
      shell: 'electron' in process.versions ? 'electron' : 'chromium-host',
      platform: `${process.platform} ${process.arch}`,
    }),
  };
}

/** Words for what the system shows. Electron knows the person's languages once it is ready. */
export function systemStrings(choice: LanguageChoice = 'system'): Strings {
  return stringsOf(choice, app.getPreferredSystemLanguages());
}
