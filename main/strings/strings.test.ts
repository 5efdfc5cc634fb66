import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { languageOf } from '../../preload/contract/values.ts';
import { setMenu } from '../shell/menu.ts';
import { catalogues, type Strings } from './index.ts';

const shown = vi.hoisted(() => ({ menu: [] as unknown[] }));
vi.mock('electron', () => ({
  app: { isPackaged: false, quit: () => undefined },
  Menu: {
    buildFromTemplate: (template: unknown[]) => template,
    setApplicationMenu: (menu: unknown[]) => (shown.menu = menu),
  },
}));

describe('the language', () => {
  it.each([
    ['de', ['en-US'], 'de'],
    ['system', ['fr-FR', 'de-CH', 'en'], 'de'],
    ['system', ['zh-Hant-TW'], 'zh'],
    ['system', ['fr'], 'en'],
    ['system', [], 'en'],
    [undefined, ['zh-CN'], 'zh'],
    ['tlh', ['de'], 'de'],
  ] as const)('%s, for who reads %j, is %s', (choice, preferred, language) => {
    expect(languageOf(choice, preferred)).toBe(language);
  });
});

describe('what the system shows', () => {
  const { en, ...others } = catalogues;
  /** The same in every language. */
  const terms = new Set(['kinds.json']);
  const german = new Set([...terms, 'kinds.chats']);

  const leavesOf = (words: Strings): readonly (readonly [string, string])[] =>
    Object.entries(words).flatMap(([room, inner]: [string, string | Readonly<Record<string, string>>]) =>
      typeof inner === 'string'
        ? [[room, inner] as const]
        : Object.entries(inner).map(([key, text]) => [`${room}.${key}`, text] as const),
    );

  it.each(Object.entries(others))('is said in %s', (language, words) => {
    const english = new Map(leavesOf(en));
    const same = leavesOf(words).filter(([key, text]) => text === '' || text === english.get(key));
    const allowed = language === 'de' ? german : terms;
    expect(new Set(same.map(([key]) => key))).toEqual(allowed);
  });

  it('has a menu in which every entry is named by the catalogue', () => {
    setMenu(catalogues.de);
    const labels = (items: readonly MenuItemConstructorOptions[]): readonly (string | undefined)[] =>
      items.flatMap(({ type, label, submenu }) => [
        ...(type === 'separator' ? [] : [label]),
        ...(Array.isArray(submenu) ? labels(submenu) : []),
      ]);
    expect(new Set(labels(shown.menu as MenuItemConstructorOptions[]))).toEqual(
      new Set(Object.values(catalogues.de.menu)),
    );
  });
});
