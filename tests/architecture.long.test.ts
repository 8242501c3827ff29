import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { cruise } from './support/cruise.js';

it('the rules of layers hold in src/ and commands/', () => {
  expect(cruise(fileURLToPath(new URL('..', import.meta.url)))).toEqual([]);
});
