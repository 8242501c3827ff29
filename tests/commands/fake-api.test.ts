import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startEmbedded } from '../../fake-api/start.js';
import { runCaptured } from './capture-output.js';

const MODULE = new URL('../../commands/cli/launch.ts', import.meta.url).href;
const ENTRY = `
  import { launch } from ${JSON.stringify(MODULE)};
  process.exit(await launch(process.argv.slice(1)));
`;

/** The command line in a process of its own, which can be sent a signal. */
async function startFakeApi(...argv: string[]) {
  const args = ['--import', 'tsx', '--input-type=module', '-e', ENTRY, '--', 'fake-api', ...argv];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { stdout: '', stderr: '' };
  const closed = once(child, 'close');
  child.stderr.on('data', (chunk) => (written.stderr += String(chunk)));
  await new Promise<void>((resolve) => {
    child.once('close', resolve);
    child.stdout.on('data', (chunk) => {
      written.stdout += String(chunk);
      resolve();
    });
  });
  return {
    written,
    end: async (signal: NodeJS.Signals): Promise<unknown> => {
      child.kill(signal);
      const [code] = (await closed) as [number | null];
      return code;
    },
  };
}

describe('fake-api', () => {
  it('prints its URL and a request that it answers, until Ctrl-C, which is its normal end', async () => {
    const { written, end } = await startFakeApi('--json', '--generation', 'v1');
    const document = JSON.parse(written.stdout) as { url: string; example: string };
    expect(document.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const body = (await (await fetch(document.example)).json()) as { data: { address: object }[] };
    expect(body.data).toHaveLength(2);
    expect(body.data[0]?.address).toHaveProperty('county_code');
    expect(await end('SIGINT')).toBe(0);
    expect(JSON.parse(written.stdout)).toEqual(document);
  });

  it('goes wrong as it is told to, and ends with 143 when it is terminated', async () => {
    const { written, end } = await startFakeApi('--fail', 'server_error=1');
    const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(written.stdout) ?? [];
    expect((await fetch(`${url}/api/v2/persons`)).status).toBe(500);
    expect(await end('SIGTERM')).toBe(143);
    expect(written.stderr).toBe('Stopping. Press Ctrl-C again to quit immediately.\n');
  });

  it('does not start where the port is taken', async () => {
    const other = await startEmbedded({});
    try {
      const port = new URL(other.url).port;
      const { exit, stdout } = await runCaptured(['fake-api', '--port', port, '--json']);
      expect(exit).toBe(6);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'E_PORT' } });
    } finally {
      await other.close();
    }
  });
});
