/** `Menu`: it draws no menu bar, but handles the app's accelerators. */
import { EventEmitter } from 'node:events';
import type { MenuItemConstructorOptions } from 'electron';
import { BrowserWindow } from './browser-window.ts';

interface Shortcut {
  readonly keys: string;
  readonly item: MenuItemConstructorOptions;
}

let shortcuts: readonly Shortcut[] = [];

/** Emits `changed` with a new menu and `pressed` with the keys. */
export const onAccelerator = new EventEmitter();
onAccelerator.on('pressed', (keys: string) => {
  const found = shortcuts.find((shortcut) => shortcut.keys === keys);
  found?.item.click?.({} as never, BrowserWindow.getAllWindows()[0] as never, {});
});

/** Normalised like the page's keys: `ctrl+alt+shift+key`. */
export function accelerators(): readonly string[] {
  return shortcuts.map(({ keys }) => keys);
}

function normalise(accelerator: string): string {
  const parts = accelerator.toLowerCase().split('+');
  const has = (...names: string[]): boolean => parts.some((part) => names.includes(part));
  const modifiers = [
    has('commandorcontrol', 'cmdorctrl', 'control', 'ctrl', 'command', 'cmd') ? 'ctrl' : '',
    has('alt', 'option') ? 'alt' : '',
    has('shift') ? 'shift' : '',
  ];
  return [...modifiers.filter(Boolean), parts.at(-1)].join('+');
}

export class Menu {
  readonly #template: readonly MenuItemConstructorOptions[];

  private constructor(template: readonly MenuItemConstructorOptions[]) {
    this.#template = template;
  }

  static buildFromTemplate(template: readonly MenuItemConstructorOptions[]): Menu {
    return new Menu(template);
  }

  static setApplicationMenu(menu: Menu | null): void {
    const collect = (items: readonly MenuItemConstructorOptions[]): readonly Shortcut[] =>
      items.flatMap((item) => {
        const inside = Array.isArray(item.submenu) ? collect(item.submenu) : [];
        return item.accelerator && item.click ? [{ keys: normalise(item.accelerator), item }, ...inside] : inside;
      });
    shortcuts = menu ? collect(menu.#template) : [];
    onAccelerator.emit('changed');
  }
}
