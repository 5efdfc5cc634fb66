/** The system around the services. */
import { app, clipboard, nativeTheme, shell } from 'electron';
import type { BrowserWindow } from 'electron';
import type { LanguageChoice } from '../../preload/contract/values.ts';
import type { AppInfo, Emit, Settings } from '../../preload/contract.ts';
import { systemClock, type Clock } from '../clock.ts';
import type { DocumentProcess } from '../documents/document-reader.ts';
import type { EngineProcess } from '../engine-host/engine-process.ts';
import type { SaveQuestion } from '../strings/save-question.ts';
import { type Strings, stringsOf } from '../strings/index.ts';
import { choosePaths, chooseSaveFile, type WantedPaths } from './choose-files.ts';
import { forkDocuments } from './fork-documents.ts';
import type { ServerProcess } from '../server-host/server-process.ts';
import { forkEngine } from './fork-engine.ts';
import { forkServer } from './fork-server.ts';
import { emitTo } from './ipc.ts';
import { setMenu } from './menu.ts';
import { paths } from './paths.ts';

/** Everything the services need from Electron. Tests pass their own implementation. */
export interface System {
  readonly paths: {
    readonly store: string;
    /** The library's own folder. */
    readonly library: string;
    readonly defaultModel: string;
    readonly serverToken: string;
  };
  readonly clock: Clock;
  readonly emit: Emit;
  /** @param qnnFolder folder of Qualcomm's libraries that the person has chosen; empty for none */
  readonly fork: (qnnFolder: string) => EngineProcess;
  readonly forkDocuments: () => DocumentProcess;
  /** Forks the process of the local server. */
  readonly forkServer: () => ServerProcess;
  /** Called at the start and after every change of the settings. */
  readonly useAppearance: (settings: Pick<Settings, 'theme' | 'language'>) => void;
  /** Shows a file in the system's file manager. */
  readonly reveal: (path: string) => void;
  /** Empty if the person cancels. */
  readonly chooseFiles: (wanted: WantedPaths) => Promise<readonly string[]>;
  /** Undefined if the person cancels. */
  readonly chooseSave: (question: SaveQuestion) => Promise<string | undefined>;
  /** Reloads the window. */
  readonly reload: () => void;
  /** Asks the window to close. */
  readonly close: () => void;
  /** Text of the clipboard; empty if it has none. */
  readonly readClipboard: () => Promise<string>;
  /** Language tags of the system, most preferred first. */
  readonly preferredLanguages: () => readonly string[];
  readonly about: () => Omit<AppInfo, 'executorch'>;
}

/** @param window returns undefined before the window opens and after it closes */
export function electronSystem(window: () => BrowserWindow | undefined): System {
  let words = systemStrings();
  setMenu(words);
  return {
    paths,
    clock: systemClock,
    emit: emitTo(() => window()?.webContents),
    fork: forkEngine,
    forkDocuments,
    forkServer,
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
    close: () => window()?.close(),
    readClipboard: async () => await clipboard.readText(),
    preferredLanguages: () => app.getPreferredSystemLanguages(),
    about: () => ({
      version: app.getVersion(),
      shell: 'electron' in process.versions ? 'electron' : 'chromium-host',
      platform: `${process.platform} ${process.arch}`,
    }),
  };
}

/** Texts of menus and dialogs. Electron knows the person's languages once the app is ready. */
export function systemStrings(choice: LanguageChoice = 'system'): Strings {
  return stringsOf(choice, app.getPreferredSystemLanguages());
}
