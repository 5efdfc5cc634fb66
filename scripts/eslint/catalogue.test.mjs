import { Linter } from 'eslint';
import { describe, expect, it } from 'vitest';
import { catalogue } from './catalogue.mjs';

const linter = new Linter();

/** @param {string} code */
function lint(code) {
  const found = linter.verify(code, {
    languageOptions: { parserOptions: { ecmaFeatures: { jsx: true } } },
    plugins: { catalogue },
    rules: { 'catalogue/words-in-catalogue': 'error', 'catalogue/strings-read-late': 'error' },
  });
  return found.map(({ ruleId, message }) => ruleId ?? message);
}

describe('words of the window', () => {
  it.each([
    '<p>Send it</p>',
    '<p>发送</p>',
    "<p>{ready ? 'Ready' : 'Not yet'}</p>",
    '<p>{waiting && `Waiting for ${name}`}</p>',
    '<button aria-label="Send" />',
    "<button title={open ? 'Hide' : strings.show} />",
    '<IconButton name="Send" />',
    '<textarea placeholder="Message" />',
  ])('are not written in components: %s', (jsx) => {
    const found = lint(`const element = () => ${jsx};`);
    expect(new Set(found)).toEqual(new Set(['catalogue/words-in-catalogue']));
  });

  it.each([
    '<p>{strings.send}</p>',
    '<p>·  {count} ×</p>',
    '<kbd>K</kbd>',
    '<input name="theme" type="radio" className="size-4" />',
    '<IconButton name={strings.send} keys="Ctrl+N" />',
    '<p title={`${a} · ${b}`} />',
  ])('are anything but marks and names: %s', (jsx) => {
    expect(lint(`const element = () => ${jsx};`)).toEqual([]);
  });
});

it.each(['const words = strings.chat;', 'export const list = [{ title: strings.chat.copy }];'])(
  'the catalogue is not read while a module is loaded: %s',
  (code) => expect(lint(code)).toEqual(['catalogue/strings-read-late']),
);

it.each(['const words = () => strings.chat;', 'function say() { return strings.chat.copy; }'])(
  'the catalogue is read when something is said: %s',
  (code) => expect(lint(code)).toEqual([]),
);
