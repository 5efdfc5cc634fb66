import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../preload/contract.ts';
import { byDay, inParts } from './by-day.ts';

const at = (year: number, month: number, day: number, hour = 12): number =>
  new Date(year, month - 1, day, hour).getTime();

describe('chats by day', () => {
  it('names each group by calendar days', () => {
    const now = at(2026, 3, 30, 0);
    const times = [
      at(2026, 3, 30, 0),
      at(2026, 3, 29, 23),
      at(2026, 3, 28),
      at(2026, 3, 23),
      at(2026, 3, 22),
      at(2026, 2, 10),
      at(2025, 2, 10),
    ];
    const list = times.map((updatedAt, index) => ({
      id: `${index}`,
      title: '',
      createdAt: 0,
      updatedAt,
      pinned: false,
    }));
    expect(byDay(list, now).map(({ label, conversations }) => [label, conversations.map(({ id }) => id)])).toEqual([
      ['Today', ['0']],
      ['Yesterday', ['1']],
      ['Previous 7 days', ['2', '3']],
      ['Previous 30 days', ['4']],
      ['February', ['5']],
      ['February 2025', ['6']],
    ]);
  });

  it('keeps pinned chats in their own group', () => {
    const chat = (id: string, pinned: boolean): Conversation => ({ id, title: '', createdAt: 0, updatedAt: 0, pinned });
    expect(byDay([chat('p', true), chat('q', false)], 1000).map(({ label }) => label)).toEqual(['Pinned', 'Today']);
  });

  it('has no groups for an empty list', () => expect(byDay([], Date.now())).toEqual([]));

  it('splits long groups into parts that hold each chat once, in order', () => {
    const list = Array.from({ length: 130 }, (_, index) => ({
      id: `${index}`,
      title: '',
      createdAt: 0,
      updatedAt: 0,
      pinned: index < 10,
    }));
    const parts = inParts(list, 1000);
    expect(parts.map(({ label, first, conversations }) => [label, first, conversations.length])).toEqual([
      ['Pinned', true, 10],
      ['Today', true, 50],
      ['Today', false, 50],
      ['Today', false, 20],
    ]);
    expect(parts.flatMap(({ conversations }) => conversations)).toEqual(list);
    expect(new Set(parts.map(({ key }) => key)).size).toBe(parts.length);
  });
});
