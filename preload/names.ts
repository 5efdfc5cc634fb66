/** The contract's names alone, so that the preload carries no schema library. The compiler holds them equal to the contract. */
import type { CallName, EventName } from './contract.ts';

const calls = {
  'app.info': true,
  'conversations.list': true,
  'conversations.open': true,
  'conversations.create': true,
  'conversations.rename': true,
  'conversations.delete': true,
  'conversations.restore': true,
  'chat.send': true,
  'chat.retry': true,
  'chat.stop': true,
  'models.list': true,
  'models.open': true,
  'models.load': true,
  'models.unload': true,
  'models.remove': true,
  'models.choose': true,
  'settings.get': true,
  'settings.set': true,
  'links.open': true,
} as const satisfies Record<CallName, true>;

const events = {
  'chat.tokens': true,
  'chat.prefilled': true,
  'chat.finished': true,
  'conversations.changed': true,
  'models.state': true,
  'models.changed': true,
} as const satisfies Record<EventName, true>;

export const callNames: ReadonlySet<string> = new Set(Object.keys(calls));
export const eventNames: ReadonlySet<string> = new Set(Object.keys(events));
