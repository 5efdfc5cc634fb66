import { expect, test, vi } from 'vitest';
import { Turns } from './turns.ts';

test('turns come in the order of asking', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const end = await turns.take('window');
  const later = (['server', 'benchmark', 'server'] as const).map(async (by) => {
    const ended = await turns.take(by);
    order.push(by);
    ended();
  });
  expect([turns.holder, turns.waits('server'), turns.waits('title')]).toEqual(['window', true, false]);
  end();
  end();
  await Promise.all(later);
  expect(order).toEqual(['server', 'benchmark', 'server']);
  expect(turns.holder).toBeUndefined();
});

test('a holder gives way once somebody waits', async () => {
  const turns = new Turns();
  const giveWay = vi.fn();
  const end = turns.takeNow('title', giveWay);
  expect(giveWay).not.toHaveBeenCalled();
  const next = turns.take('server');
  expect(giveWay).toHaveBeenCalledOnce();
  expect(turns.takeNow('title', giveWay)).toBeUndefined();
  end?.();
  (await next)();
});

test('a party that leaves gives its place to the next', async () => {
  const turns = new Turns();
  const end = await turns.take('server');
  const client = new AbortController();
  const gone = turns.take('server', { signal: client.signal });
  const next = turns.take('window');
  client.abort(new Error('gone'));
  await expect(gone).rejects.toThrow('gone');
  end();
  (await next)();
  expect(turns.holder).toBeUndefined();
});

test('reports every change of the holder and the line', async () => {
  const heard: (string | undefined)[] = [];
  const turns = new Turns(() => heard.push(turns.holder));
  const end = await turns.take('window');
  const next = turns.take('server');
  end();
  (await next)();
  expect(heard).toEqual(['window', 'window', 'server', undefined]);
});
