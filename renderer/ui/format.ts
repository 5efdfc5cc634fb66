/** Number formats in the language of the window. */
import { strings } from '../strings/index.ts';

export const count = (value: number): string => strings.formats.count(value);
export const fraction = (value: number): string => strings.formats.fraction(value);
export const rate = (perSecond: number): string => strings.formats.rate(perSecond);
export const duration = (us: number): string => strings.formats.duration(us);
export const bytes = (value: number): string => strings.formats.bytes(value);
export const short = (value: number): string => strings.formats.short(value);
export const day = (at: number): string => strings.formats.day(at);
