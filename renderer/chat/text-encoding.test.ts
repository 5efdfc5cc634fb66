import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText } from './text-encoding.ts';

const text = 'Grüße aus Köln: 25 € und 3 Äpfel\nZeile 2\n';

function utf16(value: string, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(2 * value.length);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < value.length; index++) view.setUint16(2 * index, value.charCodeAt(index), littleEndian);
  return bytes;
}

/** Bytes of a single-byte encoding, by the table that its decoder has. */
function singleByte(value: string, encoding: string): Uint8Array {
  const decoder = new TextDecoder(encoding);
  const table = new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte]));
  return Uint8Array.from(value.split(/(?:)/u), (character) => table.get(character) ?? 0x3f);
}

describe('a text file', () => {
  it.each([
    ['UTF-8', new TextEncoder().encode(text)],
    ['UTF-8 with a byte order mark', new TextEncoder().encode(`\ufeff${text}`)],
    ['UTF-16 LE with a byte order mark', utf16(`\ufeff${text}`, true)],
    ['UTF-16 BE with a byte order mark', utf16(`\ufeff${text}`, false)],
  ])('in %s is read as it is', async (_name, bytes) => {
    expect(await decodeText(bytes)).toEqual({ text });
  });

  it.each([
    [text, 'windows-1252'],
    ['Größe\n', 'windows-1252'],
    ['Crème brûlée, à la carte – “naïve” – 5 €', 'windows-1252'],
    ['El niño comió piña mañana. ¿Cómo está?', 'windows-1252'],
    ['Temperatur: 20 °C', 'windows-1252'],
    ['Привет, как дела? Это текст на русском языке.', 'windows-1251'],
  ])('with %j in another encoding is read by its guessed encoding, %s', async (value, encoding) => {
    expect(await decodeText(singleByte(value, encoding))).toEqual({ text: value, guessed: encoding });
  });

  it.each([
    ['in UTF-8', new TextEncoder().encode('Name;Ort\r\nMüller;Köln\r\rEnde\n')],
    ['in another encoding', singleByte('Name;Ort\r\nMüller;Köln\r\rEnde\n', 'windows-1252')],
  ])('%s has plain line feeds instead of the line ends of Windows', async (_name, bytes) => {
    expect((await decodeText(bytes))?.text).toBe('Name;Ort\nMüller;Köln\n\nEnde\n');
  });

  it('in Shift_JIS is read by its guessed encoding', async () => {
    const bytes = Uint8Array.from('82b182ea82cd93fa967b8cea82cc83658358836782c582b78142'.match(/../g) ?? [], (pair) =>
      Number.parseInt(pair, 16),
    );
    expect(await decodeText(bytes)).toEqual({ text: 'これは日本語のテストです。', guessed: 'Shift_JIS' });
  });

  it.each([
    ['zeros', Uint8Array.of(0x50, 0x4b, 0, 4)],
    ['half a character of UTF-16', Uint8Array.of(0xff, 0xfe, 0x41)],
    ['a mark of UTF-8 and other bytes', Uint8Array.of(0xef, 0xbb, 0xbf, 0xff)],
    ['control characters', Uint8Array.of(0x89, 0x50, 0x1a, 0x01, 0xc3, 0x02, 0x81)],
  ])('is not read if it contains %s', async (_name, bytes) => {
    expect(await decodeText(bytes)).toBeUndefined();
  });

  it('never fails, whatever the bytes are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const decoded = await decodeText(bytes);
        expect(decoded?.text ?? '').not.toContain('\0');
      }),
    );
  });
});
