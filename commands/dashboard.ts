import { createInterface } from 'node:readline';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from './cli/base.js';
import { integerFlag } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Dashboard extends BaseCommand {
  static override summary = SUMMARIES.dashboard;
  static override flags = {
    port: integerFlag({
      summary: 'Port to listen on; default: 8501 or the next free port.',
      name: 'port',
      min: 1,
      max: 65_535,
      helpValue: 'P',
    }),
    host: Flags.string({
      summary: 'Address to listen on; any address other than loopback requires --token-file.',
      default: '127.0.0.1',
      helpValue: 'ADDRESS',
    }),
    'token-file': Flags.string({
      summary: 'File with the sign-in token; replaces the one-time link, which needs a terminal.',
      helpValue: 'FILE',
    }),
  };
  static override examples = [
    '<%= config.bin %> dashboard',
    '<%= config.bin %> dashboard --port 9000',
    '<%= config.bin %> dashboard --host 192.168.1.20 --token-file dashboard.token',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(Dashboard);
    await this.act(flags, async (context) => {
      const { PATIENCE_MS, serveDashboard } = await import('../src/dashboard/serve-dashboard.js');
      const { document, newLink, stopped } = await serveDashboard(context, {
        port: flags.port ?? null,
        host: flags.host,
        tokenFile: flags['token-file'] ?? null,
        hasTerminal: process.stdout.isTTY,
        patienceMs: PATIENCE_MS,
      });
      const lines = [
        `Dashboard: ${document.link}`,
        flags['token-file'] === undefined
          ? 'The link works once, within 10 minutes; press Enter for another. Press Ctrl-C to stop.'
          : 'Sign in with the token from the file. Press Ctrl-C to stop.',
      ];
      return { document, format: () => lines.join('\n'), until: () => talk(newLink, stopped) };
    });
  }
}

/** Enter prints another link; Ctrl-C may ask a question. Without a terminal there is no one to ask. */
async function talk(
  newLink: () => string,
  stopped: (ask: (question: string) => Promise<boolean>) => Promise<void>,
): Promise<void> {
  if (!process.stdin.isTTY) return stopped(() => Promise.resolve(false));
  // `terminal: false` leaves Ctrl-C to the process, which turns it into the signal.
  const lines = createInterface({ input: process.stdin, terminal: false });
  let answer: ((line: string) => void) | null = null;
  lines.on('line', (line) => {
    if (answer === null) process.stderr.write(`${newLink()}\n`);
    else answer(line);
  });
  try {
    await stopped(
      (question) =>
        new Promise((resolve) => {
          process.stderr.write(question);
          answer = (line) => {
            resolve(/^\s*y/i.test(line));
          };
        }),
    );
  } finally {
    lines.close();
  }
}
