// `npm test`: runs every check and prints its name and time. Static checks run in parallel; if all pass,
// the tests run.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Two parallel queues, because lint takes as long as all others together. */
const LANES = [
  [['lint', 'eslint/bin/eslint.js', ['--max-warnings', '0', '.']]],
  [
    ['format', 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']],
    ['types', 'typescript/bin/tsc', ['-p', 'tsconfig.json']],
    [
      'layers',
      'dependency-cruiser/bin/dependency-cruise.mjs',
      ['--config', '--output-type', 'err', 'src', 'commands', 'fake-api'],
    ],
  ],
];

/** Runs a check; its piped output is printed when it ends. */
function run([name, script, args], stdio) {
  const startedAtMs = Date.now();
  const child = spawn(process.execPath, [join(ROOT, 'node_modules', script), ...args], { cwd: ROOT, stdio });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => (output += text));
  }
  return new Promise((resolve) => {
    child.on('close', (status) => {
      resolve({ name, status, output, seconds: (Date.now() - startedAtMs) / 1000 });
    });
  });
}

function report({ name, status, output, seconds }) {
  process.stdout.write(output);
  console.log(`${name}: ${status === 0 ? 'ok' : 'FAILED'} (${seconds.toFixed(1)} s)`);
}

console.log(
  `\n[1/2] ${LANES.flat()
    .map(([name]) => name)
    .join(', ')}`,
);
const ended = await Promise.all(
  LANES.map(async (gates) => {
    const results = [];
    for (const gate of gates) results.push(await run(gate, 'pipe'));
    return results;
  }),
);
ended.flat().forEach(report);
if (ended.flat().some(({ status }) => status !== 0)) process.exit(1);

console.log('\n[2/2] tests');
const tests = await run(['tests', 'vitest/vitest.mjs', ['run', ...process.argv.slice(2)]], 'inherit');
report(tests);
if (tests.status !== 0) process.exit(1);
console.log('\nAll checks passed.');
