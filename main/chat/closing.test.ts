import { expect, test } from 'vitest';
import { Closing } from './closing.ts';

function setUp(): { readonly closing: Closing; readonly events: string[]; hasUnkept: boolean } {
  const events: string[] = [];
  const state = { hasUnkept: true, events };
  const closing = new Closing({
    hasUnkept: () => state.hasUnkept,
    emit: (name) => events.push(name),
    close: () => events.push('close'),
  });
  return Object.assign(state, { closing });
}

test('closes at once if nothing would be lost', () => {
  const state = setUp();
  state.hasUnkept = false;
  expect(state.closing.allows()).toBe(true);
  expect(state.events).toEqual([]);
});

test('asks first, and closes when the person says so', () => {
  const { closing, events } = setUp();
  expect(closing.allows()).toBe(false);
  closing.answer(true);
  expect(events).toEqual(['app.closing', 'close']);
  expect(closing.allows()).toBe(true);
});

test('asks again after the person stayed', () => {
  const { closing, events } = setUp();
  closing.allows();
  closing.answer(false);
  expect(closing.allows()).toBe(false);
  expect(events).toEqual(['app.closing', 'app.closing']);
});

test('a window that does not answer can still be closed', () => {
  const { closing } = setUp();
  closing.allows();
  expect(closing.allows()).toBe(true);
});

test('an answer without a question closes nothing', () => {
  const { closing, events } = setUp();
  closing.answer(true);
  expect(events).toEqual([]);
});
