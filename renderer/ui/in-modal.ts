import { createContext } from 'react';

/**
 * True inside a modal dialog. The browser draws such a dialog above everything else, and would hide a tooltip at the
 * end of the document.
 */
export const InModal = createContext(false);
