/** Chats that leave the app as files. */

/** All of it for Wyvern and other programs, or what is shown for people. */
export const exportForms = ['json', 'markdown'] as const;
export type ExportForm = (typeof exportForms)[number];

export interface SavedChats {
  readonly path: string;
  readonly chats: number;
}
