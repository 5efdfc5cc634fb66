import type { Bridge } from './contract.ts';

declare global {
  interface Window {
    readonly wyvern: Bridge;
  }
}
