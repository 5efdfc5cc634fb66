/** What every window and session of the app is denied. The shell's fuses are set when it is packaged. */
import { app, session } from 'electron';
import type { WebContents, WebFrameMain } from 'electron';
import { log } from '../log.ts';
import { appOrigin } from './app-scheme.ts';

/** Writing text to the clipboard after a click is what “Copy” needs; everything else is refused. */
const allowedPermission = 'clipboard-sanitized-write';
const allowedSchemes: ReadonlySet<string> = new Set(['app:', 'blob:', 'data:', 'devtools:']);

/** True for the app's own page and nothing that merely starts like it. */
function isAppUrl(url: string): boolean {
  return url === appOrigin || url.startsWith(`${appOrigin}/`);
}

/** Only the top frame of the app's own page may ask for anything. */
export function isAppFrame(frame: Pick<WebFrameMain, 'url' | 'parent'> | null): boolean {
  return frame !== null && frame.parent === null && isAppUrl(frame.url);
}

/** Before the app is ready. */
export function hardenApp(): void {
  app.enableSandbox();
  app.on('web-contents-created', (_event, contents) => hardenContents(contents));
}

function hardenContents(contents: WebContents): void {
  contents.setWindowOpenHandler(({ url }) => {
    log('warning', `Refused a new window for ${url}`);
    return { action: 'deny' };
  });
  const refuse = (event: { readonly url: string; preventDefault(): void }): void => {
    log('warning', `Refused to navigate to ${event.url}`);
    event.preventDefault();
  };
  contents.on('will-navigate', refuse);
  contents.on('will-frame-navigate', (event) => {
    // Of the top frame it is the same navigation once more.
    if (!event.isMainFrame) refuse(event);
  });
  contents.on('will-redirect', refuse);
  contents.on('will-attach-webview', (event) => event.preventDefault());
}

/** Once the app is ready, before the first window. */
export function hardenSession(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, permission, callback, details) => {
    callback(permission === allowedPermission && isAppUrl(details.requestingUrl));
  });
  defaultSession.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === allowedPermission && isAppUrl(origin),
  );
  defaultSession.setDevicePermissionHandler(() => false);
  // The app makes no network request at all: whatever would leave the machine is cancelled here.
  defaultSession.webRequest.onBeforeRequest((details, callback) => {
    const scheme = URL.parse(details.url)?.protocol ?? '';
    const cancel = !allowedSchemes.has(scheme);
    if (cancel) log('warning', `Refused a request to ${details.url}`);
    callback({ cancel });
  });
}
