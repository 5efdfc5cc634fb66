import type { CustomScheme, Protocol } from 'electron';

import { isAppReady } from './app-ready.ts';

type Handler = (request: Request) => Response | Promise<Response>;

const handlers = new Map<string, Handler>();

/** `protocol`: handlers of custom schemes; the session calls them for every request of the page. */
export const protocol = {
  /** Schemes have the privileges of https: standard, secure, with fetch. */
  registerSchemesAsPrivileged(schemes: readonly CustomScheme[]): void {
    if (isAppReady()) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    for (const { scheme, privileges } of schemes) {
      if (!privileges?.standard || !privileges.secure)
        throw new Error(`The host serves ${scheme}: as standard and secure`);
    }
  },
  handle(scheme: string, handler: Handler): void {
    if (handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
    handlers.set(scheme, handler);
  },
  unhandle: (scheme: string): void => void handlers.delete(scheme),
  isProtocolHandled: (scheme: string): boolean => handlers.has(scheme),
} satisfies Pick<Protocol, 'registerSchemesAsPrivileged' | 'handle' | 'unhandle' | 'isProtocolHandled'>;

/** For the host: the handler of a URL's scheme, if the app has one. */
export function handlerOf(url: string): Handler | undefined {
  return handlers.get(URL.parse(url)?.protocol.slice(0, -1) ?? '');
}
