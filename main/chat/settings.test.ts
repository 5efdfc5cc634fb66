import { expect, test, vi } from 'vitest';
import type { Settings } from '../../preload/contract.ts';
import { defaultSettings, SettingsService } from './settings.ts';

function serviceOver(stored: Record<string, unknown>): { service: SettingsService; heard: Settings[] } {
  const heard: Settings[] = [];
  const table = { all: () => stored, set: (key: string, value: unknown) => void (stored[key] = value) };
  return { service: new SettingsService(table, (settings) => heard.push(settings)), heard };
}

test('what is stored comes before the defaults, one value at a time', () => {
  const { service } = serviceOver({ theme: 'dark', temperature: 'hot', topP: 7, unheardOf: 1 });
  expect(service.get()).toEqual({ ...defaultSettings, theme: 'dark' });
});

test('a change is stored, told, and leaves the rest', () => {
  const stored = {};
  const { service, heard } = serviceOver(stored);
  expect(service.set({ theme: 'light', topK: undefined })).toEqual({ ...defaultSettings, theme: 'light' });
  expect(stored).toEqual({ theme: 'light' });
  expect(heard.map(({ theme }) => theme)).toEqual(['system', 'light']);
});

test('a change that cannot be stored is not taken', () => {
  const table = { all: () => ({}), set: vi.fn().mockThrow(new Error('disk full')) };
  const service = new SettingsService(table, () => undefined);
  expect(() => service.set({ theme: 'dark' })).toThrow('disk full');
  expect(service.get().theme).toBe('system');
});

test('for an answer: the conversation’s own, else the person’s, else the model’s, else the defaults', () => {
  const { temperature, topK, topP, minP, repetitionPenalty } = defaultSettings;
  expect(serviceOver({}).service.forAnswer({ topK: undefined }, {})).toEqual({
    systemPrompt: '',
    systemPlace: 'ask',
    maxTokens: 0,
    maxThoughtTokens: 0,
    stopStrings: [],
    sampling: { temperature, topK, topP, minP, repetitionPenalty },
  });
  const { service } = serviceOver({ topP: 0.5, systemPrompt: 'Be brief.' });
  expect(service.forAnswer({ temperature: 0.3, topP: 0.9 }, {}).sampling).toEqual({
    temperature: 0.3,
    topP: 0.5,
    topK: 0,
    minP: 0,
    repetitionPenalty: 1,
  });
  const own = { topP: 0.7, seed: 5, systemPrompt: '', stopStrings: ['END'], temperature: 'hot', theme: 'dark' };
  expect(service.forAnswer({ temperature: 0.3 }, own)).toEqual({
    systemPrompt: '',
    systemPlace: 'ask',
    maxTokens: 0,
    maxThoughtTokens: 0,
    stopStrings: ['END'],
    sampling: { temperature: 0.3, topK: 0, topP: 0.7, minP: 0, repetitionPenalty: 1, seed: 5 },
  });
  expect(service.forAnswer({}, { thinking: false, maxThoughtTokens: 40 })).toMatchObject({
    thinking: false,
    maxThoughtTokens: 40,
  });
});
