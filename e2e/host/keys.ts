import type { WebContents } from 'electron';
import type { CDPSession } from 'playwright-core';

type InputEvent = Parameters<WebContents['sendInputEvent']>[0];

/** Bits of the DevTools protocol. */
const modifierBits: Readonly<Record<string, number>> = {
  alt: 1,
  control: 2,
  ctrl: 2,
  meta: 4,
  cmd: 4,
  command: 4,
  shift: 8,
};

/** Presses or releases a letter or digit in the page. */
export async function sendKey(devtools: CDPSession, event: InputEvent): Promise<void> {
  if (event.type !== 'keyDown' && event.type !== 'keyUp') throw new Error(`The host does not send “${event.type}”`);
  const { keyCode, modifiers = [] } = event;
  const upper = keyCode.toUpperCase();
  await devtools.send('Input.dispatchKeyEvent', {
    type: event.type === 'keyDown' ? 'rawKeyDown' : 'keyUp',
    key: modifiers.includes('shift') ? upper : keyCode.toLowerCase(),
    code: /^\d$/.test(upper) ? `Digit${upper}` : `Key${upper}`,
    windowsVirtualKeyCode: upper.charCodeAt(0),
    modifiers: modifiers.reduce((bits, name) => bits | (modifierBits[name] ?? 0), 0),
  });
}
