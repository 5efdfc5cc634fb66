/**
 * Makes the committed icons of `resources/icons` from their drawings: `node scripts/make-icons.mjs`.
 * A `.ico` holds one PNG per size. Chromium draws each from the vectors, so that small ones stay sharp.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { runMain } from './lib/failure.mjs';
import { at } from './lib/places.mjs';
import { setup } from './setup.mjs';
import { findChromium } from './setup/chromium.mjs';

const folder = at('resources', 'icons');
/** Sizes that Windows uses, from the title bar at 100 % to Explorer's large tiles. */
const sizes = [16, 20, 24, 32, 40, 48, 64, 128, 256];

/** @param {readonly { size: number, png: Buffer }[]} images */
function ico(images) {
  const head = Buffer.alloc(6 + 16 * images.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length;
  for (const [index, { size, png }] of images.entries()) {
    const at = 6 + 16 * index;
    // 0 stands for 256.
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(png.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += png.length;
  }
  return Buffer.concat([head, ...images.map(({ png }) => png)]);
}

await runMain(async () => {
  await setup({ browser: true });
  const browser = await chromium.launch({ executablePath: findChromium() ?? '', args: ['--no-sandbox'] });
  try {
    for (const name of ['wyvern', 'program']) {
      const drawing = readFileSync(join(folder, `${name}.svg`)).toString('base64');
      /** @type {{ size: number, png: Buffer }[]} */
      const images = [];
      for (const size of sizes) {
        const page = await browser.newPage({ viewport: { width: size, height: size } });
        await page.setContent(
          `<style>body{margin:0}</style><img width="${size}" height="${size}" src="data:image/svg+xml;base64,${drawing}">`,
        );
        images.push({ size, png: await page.screenshot({ omitBackground: true }) });
        await page.close();
      }
      writeFileSync(join(folder, `${name}.ico`), ico(images));
      const largest = images.at(-1);
      if (largest !== undefined && name === 'wyvern') writeFileSync(join(folder, 'wyvern.png'), largest.png);
    }
  } finally {
    await browser.close();
  }
});
