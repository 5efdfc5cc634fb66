import { collectNotices } from './collect.mjs';

const id = 'virtual:notices';

/** Whose work is in the app, as a module of the window; see renderer/notices.d.ts. @type {import('vite').Plugin} */
export const notices = {
  name: 'notices',
  resolveId: (asked) => (asked === id ? `\0${id}` : undefined),
  load: (asked) => (asked === `\0${id}` ? `export default ${JSON.stringify(collectNotices())}` : undefined),
};
