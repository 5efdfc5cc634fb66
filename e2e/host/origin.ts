/**
 * Chromium offers no custom schemes to a driver. So `scheme://host/path` becomes an https page of a host that cannot
 * exist, and the app's own protocol handler answers its requests. The app sees only its own URLs.
 */
const suffix = '.electron-host.invalid';
const ordinary = /^(?:https?|data|about|blob|file|chrome):/;
const custom = /^([a-z][a-z\d+.-]*):\/\/([^/?#]*)/;
const mapped = new RegExp(`^https://([^/?#]*)\\.([^./?#]+)${suffix.replaceAll('.', '\\.')}(?=[/?#]|$)`);

export function toPageUrl(url: string): string {
  return ordinary.test(url) ? url : new URL(url.replace(custom, `https://$2.$1${suffix}`)).href;
}

export function toAppUrl(url: string): string {
  return url.replace(mapped, '$2://$1');
}
