import { expect, test } from 'vitest';
import { withoutControls } from './output.ts';

test('model text cannot control a terminal', () => {
  expect(withoutControls('a\u001b[2Jb\u0007\r\u009b1m\u007f')).toBe('a\ufffd[2Jb\ufffd\ufffd\ufffd1m\ufffd');
  expect(withoutControls('one\n\ttwo é 日本 👩‍👩‍👧 \u00a0')).toBe('one\n\ttwo é 日本 👩‍👩‍👧 \u00a0');
});
