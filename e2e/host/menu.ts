/** `Menu` without a menu bar: only the accelerators of the app's menu work. */
import type { MenuItemConstructorOptions } from 'electron';
import { onAccelerator, setShortcuts, type Shortcut } from './accelerators.ts';
import { BrowserWindow } from './browser-window.ts';

onAccelerator.on('pressed', (item: MenuItemConstructorOptions) => {
  item.click?.({} as never, BrowserWindow.getAllWindows()[0] as never, {});
});

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
        return item.accelerator && item.click && item.enabled !== false
          ? [{ keys: normalise(item.accelerator), item }, ...inside]
          : inside;
      });
    setShortcuts(menu ? collect(menu.#template) : []);
  }
}
