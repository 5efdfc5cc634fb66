/** `app://wyvern/…`: the window's files, confined to one folder, each answer with the security headers. */
import { protocol } from 'electron';
import { readFile } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';
import { log } from '../log.ts';

export const appOrigin = 'app://wyvern';

/** Allows our own files only, and no inline scripts or styles. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const mimeTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
};

/** Must run before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/**
 * The file that `url` names, or undefined if it lies outside `root` or the URL is not ours.
 * The comparison includes the separator, so that a sibling folder whose name starts with `root` stays outside.
 */
export function confine(root: string, url: string): string | undefined {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'app:' || parsed.host !== 'wyvern') return undefined;
  let path: string;
  try {
    path = decodeURIComponent(parsed.pathname);
  } catch {
    return undefined;
  }
  if (path.includes('\0') || path.includes('\\') || path.includes(':')) return undefined;
  const file = resolve(root, `.${path === '/' ? '/index.html' : path}`);
  return file.startsWith(resolve(root) + sep) ? file : undefined;
}

function respond(status: number, body: string | Uint8Array<ArrayBuffer>, type: string): Response {
  return new Response(body, {
    status,
    headers: {
      'content-type': type,
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    },
  });
}

/** Serves `root` at {@link appOrigin}. */
export function serveApp(root: string): void {
  protocol.handle('app', async (request) => {
    const file = confine(root, request.url);
    const type = file && mimeTypes[extname(file).toLowerCase()];
    if (!file || !type || request.method !== 'GET') return respond(404, 'Not found', 'text/plain; charset=utf-8');
    try {
      return respond(200, await readFile(file), type);
    } catch (cause) {
      log('warning', `The window asked for ${file}, which cannot be read`, cause);
      return respond(404, 'Not found', 'text/plain; charset=utf-8');
    }
  });
}
