// `npm test`: every gate, one after another, each with its name and time; stops at the first that fails.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

const STEPS = [
  ['format', 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']],
  ['lint', 'eslint/bin/eslint.js', ['--max-warnings', '0', '.']],
  ['types', 'typescript/bin/tsc', ['-p', 'tsconfig.json']],
  [
    'layers',
    'dependency-cruiser/bin/dependency-cruise.mjs',
    ['--config', '--output-type', 'err', 'src', 'commands', 'fake-api'],
  ],
  ['tests', 'vitest/vitest.mjs', ['run', ...process.argv.slice(2)]],
];

STEPS.forEach(([name, script, args], index) => {
  console.log(`\n[${index + 1}/${STEPS.length}] ${name}`);
  const startedAtMs = Date.now();
  const { status } = spawnSync(process.execPath, [join(ROOT, 'node_modules', script), ...args], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1);
  console.log(`${name}: ${status === 0 ? 'ok' : 'FAILED'} (${seconds} s)`);
  if (status !== 0) process.exit(1);
});
console.log('\nAll checks passed.');
