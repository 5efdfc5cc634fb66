/**
 * Chromium offers no custom schemes to a driver. So `scheme://host/path` becomes an https page of a host that cannot
 * exist, and the app's own protocol handler answers its requests. The app sees only its own URLs.
 */
const suffix = '.electron-host.invalid';

export function toPageUrl(url: string): string {
  const parsed = new URL(url);
  if (['http:', 'https:', 'data:', 'about:', 'blob:', 'file:'].includes(parsed.protocol)) return url;
  const scheme = parsed.protocol.slice(0, -1);
  return `https://${parsed.host}.${scheme}${suffix}${parsed.pathname}${parsed.search}${parsed.hash}`;
}

export function toAppUrl(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed?.hostname.endsWith(suffix)) return url;
  const labels = parsed.hostname.slice(0, -suffix.length).split('.');
  const scheme = labels.pop() ?? '';
  return `${scheme}://${labels.join('.')}${parsed.pathname}${parsed.search}${parsed.hash}`;
}
