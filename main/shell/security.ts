/** Restrictions of every window and session. Packaging sets the fuses of the shell. */
import { app, session } from 'electron';
import type { WebContents, WebFrameMain } from 'electron';
import { log } from '../log.ts';
import { appOrigin } from './app-scheme.ts';

/** “Copy” writes text to the clipboard after a click. Every other permission is refused. */
const allowedPermission = 'clipboard-sanitized-write';
const allowedSchemes: ReadonlySet<string> = new Set(['app:', 'blob:', 'data:', 'devtools:']);

/** True for the app's own page only, not for addresses that start like it. */
function isAppUrl(url: string): boolean {
  return url === appOrigin || url.startsWith(`${appOrigin}/`);
}

/** Only the top frame of the app's own page may make calls. */
export function isAppFrame(frame: Pick<WebFrameMain, 'url' | 'parent'> | null): boolean {
  return frame !== null && frame.parent === null && isAppUrl(frame.url);
}

/** Call before the app is ready. */
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
    // For the top frame this is the same navigation again.
    if (!event.isMainFrame) refuse(event);
  });
  contents.on('will-redirect', refuse);
  contents.on('will-attach-webview', (event) => event.preventDefault());
}

/** Call once the app is ready, before the first window. */
export function hardenSession(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, permission, callback, details) => {
    callback(permission === allowedPermission && isAppUrl(details.requestingUrl));
  });
  defaultSession.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === allowedPermission && isAppUrl(origin),
  );
  defaultSession.setDevicePermissionHandler(() => false);
  // The app makes no network requests: every request that would leave the machine is cancelled here.
  defaultSession.webRequest.onBeforeRequest((details, callback) => {
    const scheme = URL.parse(details.url)?.protocol ?? '';
    const cancel = !allowedSchemes.has(scheme);
    if (cancel) log('warning', `Refused a request to ${details.url}`);
    callback({ cancel });
  });
}
