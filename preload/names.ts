/** The contract's names alone, so that the preload carries no schema library. The compiler holds them equal to the contract. */
import type { CallName, EventName } from './contract.ts';

const calls = {
  'app.info': true,
  'conversations.list': true,
  'conversations.open': true,
  'conversations.earlier': true,
  'conversations.create': true,
  'conversations.rename': true,
  'conversations.pin': true,
  'conversations.duplicate': true,
  'conversations.delete': true,
  'conversations.restore': true,
  'conversations.configure': true,
  'conversations.setContextPolicy': true,
  'conversations.search': true,
  'drafts.get': true,
  'drafts.set': true,
  'presets.list': true,
  'presets.save': true,
  'presets.delete': true,
  'chat.send': true,
  'chat.edit': true,
  'chat.regenerate': true,
  'chat.continue': true,
  'chat.delete': true,
  'chat.restore': true,
  'chat.show': true,
  'chat.stop': true,
  'runs.get': true,
  'runs.saveTable': true,
  'runs.savePicture': true,
  'models.list': true,
  'models.open': true,
  'models.load': true,
  'models.unload': true,
  'models.remove': true,
  'models.choose': true,
  'tokens.count': true,
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
