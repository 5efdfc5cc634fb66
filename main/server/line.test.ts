import { expect, test } from 'vitest';
import { Line, mostWaiting } from './line.ts';

const never = new AbortController().signal;

test('turns come in the order of the requests', async () => {
  const line = new Line();
  const order: number[] = [];
  const first = await line.enter(never);
  const later = [1, 2, 3].map(async (number) => {
    const leave = await line.enter(never);
    order.push(number);
    leave();
  });
  expect(order).toEqual([]);
  first();
  await Promise.all(later);
  expect(order).toEqual([1, 2, 3]);
});

test('a request that leaves gives its place to the next', async () => {
  const line = new Line();
  const leave = await line.enter(never);
  const client = new AbortController();
  const gone = line.enter(client.signal);
  const next = line.enter(never);
  client.abort(new Error('gone'));
  await expect(gone).rejects.toThrow('gone');
  leave();
  leave();
  (await next)();
  (await line.enter(never))();
});

test('a long line refuses more requests', async () => {
  const line = new Line();
  const leave = await line.enter(never);
  const waiting = Array.from({ length: mostWaiting }, () => line.enter(never));
  await expect(line.enter(never)).rejects.toMatchObject({ status: 429, code: 'queue-full' });
  leave();
  for (const turn of waiting) (await turn)();
});
