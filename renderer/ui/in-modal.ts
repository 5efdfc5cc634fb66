import { createContext } from 'react';

/**
 * True inside a modal dialog. The platform draws such a dialog above all else, so that a tooltip at the end of the
 * document would lie under it.
 */
export const InModal = createContext(false);
