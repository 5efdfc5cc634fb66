/** `session.defaultSession`: the permissions of pages, their downloads, and the requests that may leave. */
import { EventEmitter } from 'node:events';
import type { OnBeforeRequestListenerDetails, Session } from 'electron';
import type { CDPSession, Download, Request as PageRequest, Route } from 'playwright-core';
import { isAppReady } from './app-ready.ts';
import { HostDownload } from './downloads.ts';
import { createEvent } from './events.ts';
import { toAppUrl } from './origin.ts';
import { handlerOf } from './protocol.ts';

type Check = Parameters<Session['setPermissionCheckHandler']>[0];
type Ask = Parameters<Session['setPermissionRequestHandler']>[0];
type DeviceCheck = Parameters<Session['setDevicePermissionHandler']>[0];
type BeforeRequest = (
  details: OnBeforeRequestListenerDetails,
  callback: (response: { readonly cancel?: boolean }) => void,
) => void;
type ResourceType = OnBeforeRequestListenerDetails['resourceType'];

/** The host passes its own contents on to handlers. */
type Contents = Parameters<NonNullable<Ask>>[0];

let check: Check = null;
let ask: Ask = null;
let beforeRequest: BeforeRequest | null = null;
let lastRequest = 0;
const permissionsChanged = new EventEmitter();

/** The DevTools protocol's names of Electron's permissions. All others are denied. */
const permissions = [
  ['clipboard-sanitized-write', 'clipboardSanitizedWrite'],
  ['clipboard-read', 'clipboardReadWrite'],
  ['geolocation', 'geolocation'],
  ['notifications', 'notifications'],
  ['media', 'videoCapture'],
  ['media', 'audioCapture'],
  ['midi', 'midi'],
  ['storage-access', 'storageAccess'],
] as const;
type Permission = (typeof permissions)[number][0];

class HostSession extends EventEmitter {
  readonly webRequest = {
    onBeforeRequest: (listener: BeforeRequest | null): void => void (beforeRequest = listener),
  };

  setPermissionCheckHandler(handler: Check): void {
    check = handler;
    permissionsChanged.emit('changed');
  }

  setPermissionRequestHandler(handler: Ask): void {
    ask = handler;
    permissionsChanged.emit('changed');
  }

  /** Without a chooser for a person, Chromium gives no device: always denied. */
  setDevicePermissionHandler(handler: DeviceCheck): void {
    if (handler === null) throw new Error('The host denies every device');
  }
}

const defaultSession = new HostSession();

export const session = {
  get defaultSession(): HostSession {
    if (!isAppReady()) throw new TypeError('Session can only be received when app is ready');
    return defaultSession;
  },
};

export function onPermissionsChanged(listener: () => void): void {
  permissionsChanged.on('changed', listener);
}

/**
 * Grants the page at `appUrl` the permissions that both of the app's handlers allow, and denies all others. Chromium keeps
 * one state for checks and requests, so the host asks both handlers beforehand. A missing handler allows everything.
 */
export async function applyPermissions(
  devtools: CDPSession,
  contents: unknown,
  appUrl: string,
  pageOrigin: string,
): Promise<void> {
  const allowed: (typeof permissions)[number][1][] = [];
  for (const [name, chromiumName] of permissions) {
    if (isAllowed(name, contents as Contents, appUrl)) allowed.push(chromiumName);
  }
  await devtools.send('Browser.grantPermissions', { origin: pageOrigin, permissions: allowed });
}

function isAllowed(name: Permission, contents: Contents, appUrl: string): boolean {
  const origin = URL.parse(appUrl);
  const requestingOrigin = origin ? `${origin.protocol}//${origin.host}` : appUrl;
  const details = { requestingUrl: appUrl, isMainFrame: true };
  const checked = check?.(contents, name, requestingOrigin, { ...details, embeddingOrigin: requestingOrigin }) ?? true;
  let granted = ask === null;
  ask?.(contents, name, (answer) => (granted = answer), details);
  return checked && granted;
}

/** The app decides about a download while the event is emitted. */
export function reportDownload(download: Download, contents: unknown): void {
  const item = new HostDownload(download);
  const event = createEvent();
  defaultSession.emit('will-download', event, item, contents);
  if (event.defaultPrevented) item.cancel();
  void item.finish();
}

/** Chromium's driver cannot hold a web socket back until the app has decided, so the host refuses all and reports each. */
export async function watchSockets(cdp: CDPSession): Promise<void> {
  await cdp.send('Network.enable');
  await cdp.send('Network.setBlockedURLs', {
    urlPatterns: ['ws', 'wss'].map((scheme) => ({ urlPattern: `${scheme}://*:*/*`, block: true })),
  });
  cdp.on('Network.webSocketCreated', ({ url }) => {
    beforeRequest?.(requestDetails(url, 'GET', 'webSocket', 1), () => undefined);
  });
}

const resourceTypes: Readonly<Record<string, ResourceType>> = {
  ...{
    stylesheet: 'stylesheet',
    image: 'image',
    media: 'media',
    font: 'font',
    script: 'script',
    xhr: 'xhr',
    fetch: 'xhr',
  },
  ...{ beacon: 'ping', ping: 'ping', cspreport: 'cspReport', websocket: 'webSocket' },
};

function requestDetails(
  url: string,
  method: string,
  resourceType: ResourceType,
  webContentsId: number,
): OnBeforeRequestListenerDetails {
  const id = ++lastRequest;
  return { id, url, method, resourceType, webContentsId, referrer: '', timestamp: Date.now(), uploadData: [] };
}

function typeOf(request: PageRequest): ResourceType {
  if (request.resourceType() !== 'document') return resourceTypes[request.resourceType()] ?? 'other';
  return request.frame().parentFrame() === null ? 'mainFrame' : 'subFrame';
}

/**
 * Answers one request of a page: from the app's protocol handler, cancelled, or let through.
 *
 * @param refusesRedirect whether the app prevents that a document's server redirects to an address
 */
export async function answerRequest(
  route: Route,
  request: PageRequest,
  contentsId: number,
  refusesRedirect: (target: string) => boolean,
): Promise<void> {
  const url = toAppUrl(request.url());
  if (await isCancelled(requestDetails(url, request.method(), typeOf(request), contentsId))) {
    await route.abort('blockedbyclient');
    return;
  }
  const handler = handlerOf(url);
  if (handler) await fulfill(route, request, handler, url);
  else if (request.isNavigationRequest() && /^https?:/.test(url))
    await followRedirects(route, request, refusesRedirect);
  else await route.continue();
}

async function fulfill(
  route: Route,
  request: PageRequest,
  handler: NonNullable<ReturnType<typeof handlerOf>>,
  url: string,
): Promise<void> {
  const body = request.postDataBuffer();
  const init: RequestInit = { method: request.method(), headers: await request.allHeaders() };
  const response = await handler(new Request(url, body ? { ...init, body: new Uint8Array(body) } : init));
  await route.fulfill({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  });
}

async function followRedirects(
  route: Route,
  request: PageRequest,
  refusesRedirect: (target: string) => boolean,
): Promise<void> {
  let response: Awaited<ReturnType<Route['fetch']>>;
  try {
    response = await route.fetch({ maxRedirects: 0 });
  } catch {
    // Chromium has its own code for what went wrong.
    await route.continue();
    return;
  }
  const { location } = response.headers();
  const target = location === undefined ? null : URL.parse(location, request.url());
  const redirects = response.status() >= 300 && response.status() < 400 && target !== null;
  if (redirects && refusesRedirect(target.href)) await route.abort('aborted');
  else await route.fulfill({ response });
}

async function isCancelled(details: OnBeforeRequestListenerDetails): Promise<boolean> {
  const listener = beforeRequest;
  if (!listener) return false;
  return await new Promise((resolve) => {
    listener(details, ({ cancel }) => resolve(cancel ?? false));
  });
}
