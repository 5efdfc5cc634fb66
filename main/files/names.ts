/**
 * File names that every system accepts. The rules are those of Windows, the strictest: "Naming Files, Paths, and Namespaces"
 * in Microsoft's documentation. A colon there names a second stream of a file, and some names are devices with any extension.
 */

const device = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\.|$)/i;
const forbidden = /[\p{Cc}\p{Cs}<>:"/\\|?*]/u;
/** Also characters without a shape, which hide an ending or turn the direction. */
const unwanted = /[\p{C}<>:"/\\|?*]/gu;
/** Linux limits the bytes of a name, Windows the UTF-16 units; no name of N bytes has more units. */
const mostBytes = 255;
/** Leaves room for an extension, a number and the ending of a partial file. */
const mostBytesOfTitle = 160;

/** Whether a file or folder inside another may have this name on every system. */
export function isPortableName(name: string): boolean {
  return (
    name !== '' &&
    !forbidden.test(name) &&
    // Windows drops dots and spaces at the end, so that two names become one.
    !/[. ]$/.test(name) &&
    !device.test(name) &&
    Buffer.byteLength(name) <= mostBytes
  );
}

/** Makes a file name, without extension, of a title; `otherwise` if no character can stay. */
export function portableName(title: string, otherwise: string): string {
  const words = title.toWellFormed().replaceAll(unwanted, ' ').replaceAll(/\s+/g, ' ');
  const name = shortened(words.replace(/^[\s.]+/, '')).replace(/[\s.]+$/, '');
  return isPortableName(name) ? name : otherwise;
}

/** Equal for names that some file system considers equal. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/** Whether two paths are one on this system: Windows and macOS ignore the case of letters. */
export function isSamePath(one: string, other: string, platform: NodeJS.Platform = process.platform): boolean {
  if (platform !== 'win32' && platform !== 'darwin') return one === other;
  const key = (path: string): string => nameKey(platform === 'win32' ? path.replaceAll('/', '\\') : path);
  return key(one) === key(other);
}

function shortened(text: string): string {
  let short = '';
  for (const character of text) {
    if (Buffer.byteLength(short) + Buffer.byteLength(character) > mostBytesOfTitle) break;
    short += character;
  }
  return short;
}
