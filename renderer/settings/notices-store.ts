import { create } from 'zustand';

/** Whether the licences of others are shown. */
export const useNotices = create<{ readonly open: boolean }>(() => ({ open: false }));

export const showNotices = (open: boolean): void => useNotices.setState({ open });
