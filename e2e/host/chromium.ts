/** Finds and starts the Chromium that replaces Electron's own, over a pipe, so that no port is open. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { BrowserContext } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Quiet and private: the browser's own features must not reach the network. */
const switches = [
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-features=Translate,OptimizationHints,MediaRouter,AutofillServerCommunication',
  '--disable-renderer-backgrounding',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
];

/** `WYVERN_CHROMIUM`, or the first Chromium on the PATH. */
function findChromium(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [
    process.env['WYVERN_CHROMIUM'],
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
  ];
  const found = candidates.find((path) => path !== undefined && isExecutable(path));
  if (!found) {
    throw new Error('No Chromium was found. Install it (Debian: apt-get install chromium) or set WYVERN_CHROMIUM.');
  }
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface ChromiumOptions {
  readonly profile: string;
  readonly headed: boolean;
  readonly width: number;
  readonly height: number;
}

/** Uses Chromium's own sandbox if the system allows it: not as root, and not without user namespaces. */
export async function launchChromium(options: ChromiumOptions): Promise<BrowserContext> {
  const { profile, headed, width, height } = options;
  // The driver is large. An app without a window does not need it.
  const { chromium } = await import('playwright-core');
  const launch = (chromiumSandbox: boolean): Promise<BrowserContext> =>
    chromium.launchPersistentContext(profile, {
      executablePath: findChromium(),
      headless: !headed,
      chromiumSandbox,
      viewport: headed ? null : { width, height },
      serviceWorkers: 'block',
      acceptDownloads: true,
      args: [
        ...switches,
        `--window-size=${width},${height}`,
        // The warning bar about the missing sandbox would cover the app's top.
        ...(chromiumSandbox ? [] : ['--test-type']),
        ...(headed ? ['--app=data:text/html,<title>Wyvern</title>'] : ['--disable-gpu']),
      ],
      // The host ends Chromium itself, after the app handled the quit.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
  if (process.getuid?.() === 0) return await launch(false);
  try {
    return await launch(true);
  } catch {
    process.stderr.write('warning Chromium does not start with its sandbox on this system; it is started without.\n');
    return await launch(false);
  }
}
