/** `session.defaultSession`: the permissions of pages, and the requests that may leave. */
import type { OnBeforeRequestListenerDetails, Session } from 'electron';
import type { BrowserContext, Request as PageRequest, Route } from 'playwright-core';
import { toAppUrl } from './origin.ts';
import { handlerOf } from './protocol.ts';

type Check = Parameters<Session['setPermissionCheckHandler']>[0];
type Ask = Parameters<Session['setPermissionRequestHandler']>[0];
type DeviceCheck = Parameters<Session['setDevicePermissionHandler']>[0];
type BeforeRequest = (
  details: OnBeforeRequestListenerDetails,
  callback: (response: { readonly cancel?: boolean }) => void,
) => void;

let check: Check = null;
let ask: Ask = null;
let beforeRequest: BeforeRequest | null = null;

/** Chromium's names of Electron's permissions. All others are denied. */
const permissions = [
  ['clipboard-sanitized-write', 'clipboard-write'],
  ['clipboard-read', 'clipboard-read'],
  ['geolocation', 'geolocation'],
  ['notifications', 'notifications'],
  ['media', 'camera'],
  ['media', 'microphone'],
  ['midi', 'midi'],
  ['storage-access', 'storage-access'],
] as const;

export const session = {
  defaultSession: {
    setPermissionCheckHandler: (handler: Check): void => void (check = handler),
    setPermissionRequestHandler: (handler: Ask): void => void (ask = handler),
    /** Without a chooser for a person, Chromium gives no device: always denied. */
    setDevicePermissionHandler(handler: DeviceCheck): void {
      if (handler === null) throw new Error('The host denies every device');
    },
    webRequest: {
      onBeforeRequest: (listener: BeforeRequest | null): void => void (beforeRequest = listener),
    },
  },
};

/** Grants the permissions that the app's check handler allows the page at `appUrl`, and denies all others. */
export async function applyPermissions(context: BrowserContext, appUrl: string, pageOrigin: string): Promise<void> {
  if (!check && !ask) return;
  const origin = URL.parse(appUrl);
  const requestingOrigin = origin ? `${origin.protocol}//${origin.host}` : appUrl;
  const allowed = permissions.filter(([name]) => {
    const details = { requestingUrl: appUrl, isMainFrame: true, embeddingOrigin: requestingOrigin };
    return check?.(null, name, requestingOrigin, details) ?? false;
  });
  await context.grantPermissions(
    allowed.map(([, name]) => name),
    { origin: pageOrigin },
  );
}

/** Answers one request of a page: from the app's protocol handler, cancelled, or let through. */
export async function answerRequest(route: Route, request: PageRequest): Promise<void> {
  const url = toAppUrl(request.url());
  if (await isCancelled(url, request)) {
    await route.abort('blockedbyclient');
    return;
  }
  const handler = handlerOf(url);
  if (!handler) {
    await route.continue();
    return;
  }
  const body = request.postDataBuffer();
  const init: RequestInit = { method: request.method(), headers: await request.allHeaders() };
  const response = await handler(new Request(url, body ? { ...init, body: new Uint8Array(body) } : init));
  await route.fulfill({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  });
}

async function isCancelled(url: string, request: PageRequest): Promise<boolean> {
  const listener = beforeRequest;
  if (!listener) return false;
  const details = { id: 0, url, method: request.method(), resourceType: request.resourceType(), referrer: '' };
  return await new Promise((resolve) => {
    listener(details as OnBeforeRequestListenerDetails, ({ cancel }) => resolve(cancel ?? false));
  });
}
