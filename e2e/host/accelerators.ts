/** The keyboard shortcuts of the app's menu. The page reports the keys; the menu runs the item. */
import { EventEmitter } from 'node:events';
import type { MenuItemConstructorOptions } from 'electron';

export interface Shortcut {
  readonly keys: string;
  readonly item: MenuItemConstructorOptions;
}

let shortcuts: readonly Shortcut[] = [];

/** Emits `changed` when the menu changes, and `pressed` with the item whose keys were pressed. */
export const onAccelerator = new EventEmitter();

/** Normalised as the page does it: `ctrl+alt+shift+key`. */
export function accelerators(): readonly string[] {
  return shortcuts.map(({ keys }) => keys);
}

export function setShortcuts(next: readonly Shortcut[]): void {
  shortcuts = next;
  onAccelerator.emit('changed');
}

/** @param keys Normalised; keys without a shortcut do nothing */
export function press(keys: string): void {
  const found = shortcuts.find((shortcut) => shortcut.keys === keys);
  if (found) onAccelerator.emit('pressed', found.item);
}
