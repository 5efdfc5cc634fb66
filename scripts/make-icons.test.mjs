import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { at } from './lib/places.mjs';

describe.each(['wyvern', 'program'])('the icon %s', (name) => {
  test('shows the mark of the window', () => {
    const outline = (/** @type {string} */ text) => /\bd="(M3 [^"]+)"/.exec(text)?.[1];
    const mark = outline(readFileSync(at('renderer', 'ui', 'mark.tsx'), 'utf8'));
    expect(mark).toBeDefined();
    expect(outline(readFileSync(at('resources', 'icons', `${name}.svg`), 'utf8'))).toBe(mark);
  });

  test('has every size that Windows uses, as PNG', () => {
    const ico = readFileSync(at('resources', 'icons', `${name}.ico`));
    const sizes = Array.from({ length: ico.readUInt16LE(4) }, (_, index) => {
      const offset = ico.readUInt32LE(6 + 16 * index + 12);
      expect(ico.toString('latin1', offset + 1, offset + 4)).toBe('PNG');
      const width = ico.readUInt32BE(offset + 16);
      expect(width % 256).toBe(ico.readUInt8(6 + 16 * index));
      return width;
    });
    expect(sizes).toEqual([16, 20, 24, 32, 40, 48, 64, 128, 256]);
  });
});
