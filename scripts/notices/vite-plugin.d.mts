import type { Plugin } from 'vite';

export const notices: Plugin;
