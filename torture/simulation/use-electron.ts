/** Loaded before the simulation (`--import`): its modules get `electron.ts` instead of Electron. */
import { registerHooks } from 'node:module';

const standIn = new URL('./electron.ts', import.meta.url).href;

registerHooks({
  resolve: (name, context, next) =>
    name === 'electron' ? { url: standIn, format: 'module-typescript', shortCircuit: true } : next(name, context),
});
