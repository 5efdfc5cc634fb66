/** Refuses requests before their body is read: names of other machines, web pages, and clients without the token. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from './errors.ts';

export const loopback = '127.0.0.1';

export interface GateOptions {
  readonly port: number;
  readonly token: string;
  /** Origins of web pages that may send requests. */
  readonly origins: ReadonlySet<string>;
}

/**
 * @throws ApiError `host-refused`: a name that a foreign DNS server may have pointed at this machine; `origin-refused`: a web
 * page; `token-invalid`
 */
export function checkHead({ host, origin, authorization }: IncomingHttpHeaders, options: GateOptions): void {
  checkHost(host, options.port);
  checkOrigin(origin, options.origins);
  if (!isSame(tokenOf(authorization), options.token)) {
    const message = 'The token is missing or wrong. Send the one that Wyvern shows, as “Authorization: Bearer TOKEN”.';
    throw new ApiError(401, 'token-invalid', message, { headers: { 'www-authenticate': 'Bearer' } });
  }
}

function checkHost(host: string | undefined, port: number): void {
  const names = [loopback, 'localhost'];
  const own = names.flatMap((name) => [`${name}:${port}`, ...(port === 80 ? [name] : [])]);
  if (host !== undefined && own.includes(host.toLowerCase())) return;
  throw new ApiError(
    403,
    'host-refused',
    `This server answers to its own address alone. Use http://${loopback}:${port}.`,
  );
}

function checkOrigin(origin: string | undefined, allowed: ReadonlySet<string>): void {
  if (origin === undefined || allowed.has(origin)) return;
  const message = 'Web pages may not use this server. Send the request from a program on this machine.';
  throw new ApiError(403, 'origin-refused', message);
}

function tokenOf(authorization: string | undefined): string {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
}

/** Takes the same time wherever the two differ, and whatever their lengths are. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/** A new random token. */
export function newToken(): string {
  return `wyvern-${randomBytes(32).toString('base64url')}`;
}

/** Whether a text may serve as a token: long enough to resist guessing, and without characters that a header changes. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]{24,512}$/.test(text);
}
