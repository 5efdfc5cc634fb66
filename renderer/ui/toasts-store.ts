/** Short notifications at the window's edge: errors without a place on the screen, and undo. */
import { create } from 'zustand';
import type { AppError } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { newId } from './id.ts';

export interface Toast {
  readonly id: string;
  readonly tone: 'plain' | 'danger';
  readonly title: string;
  readonly body?: string;
  readonly error?: AppError;
  readonly action?: { readonly label: string; readonly run: () => void };
}

const most = 3;

export const useToasts = create<readonly Toast[]>(() => []);

export function showToast(toast: Omit<Toast, 'id'>): void {
  useToasts.setState((toasts) => [...toasts, { ...toast, id: newId() }].slice(-most), true);
}

export function showError(error: AppError): void {
  showToast({
    tone: 'danger',
    title: strings.errorTitles[error.code],
    error,
  });
}

export function dismissToast(id: string): void {
  useToasts.setState((toasts) => toasts.filter((toast) => toast.id !== id), true);
}
