// Runs in each test file under Wine, before its tests.
import { relative, sep } from 'node:path';
import { beforeEach } from 'vitest';
import { root } from '../lib/places.mjs';
import { whyLeftOut } from './left-out.mjs';

beforeEach(({ task, skip }) => {
  /** @type {string[]} */
  const names = [task.name];
  for (let suite = task.suite; suite !== undefined; suite = suite.suite)
    if (suite.name !== '') names.unshift(suite.name);
  const reason = whyLeftOut(relative(root, task.file.filepath).split(sep).join('/'), names.join(' '));
  if (reason !== undefined) skip(reason);
});
