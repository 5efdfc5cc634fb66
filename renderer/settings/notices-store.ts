import { create } from 'zustand';

/** Whether the dialog of third-party licences is open. */
export const useNotices = create<{ readonly open: boolean }>(() => ({ open: false }));

export const showNotices = (open: boolean): void => useNotices.setState({ open });
