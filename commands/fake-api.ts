import { BaseCommand } from './cli/base.js';
import {
  driftFlag,
  faultFlag,
  generationFlag,
  rateLimitFlag,
  toEmbeddedOptions,
} from './cli/fake-api-flags.js';
import { integerFlag } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class FakeApi extends BaseCommand {
  static override summary = SUMMARIES['fake-api'];
  static override flags = {
    port: integerFlag({
      summary: 'Port to listen on; default: a free port.',
      name: 'port',
      min: 1,
      max: 65_535,
      helpValue: 'P',
    }),
    latency: integerFlag({
      summary: 'Delay of each response, in milliseconds.',
      name: 'latency',
      min: 0,
      max: 600_000,
      helpValue: 'MS',
    }),
    fail: faultFlag({ summary: 'Share of responses with one kind of fault; repeatable.', multiple: true }),
    generation: generationFlag({ summary: 'Version of the records: v1, 2022 or today (default).' }),
    drift: driftFlag({ summary: 'How records deviate from the contract; repeatable.', multiple: true }),
    'rate-limit': rateLimitFlag({ summary: 'Rate above which requests get status 429.' }),
  };
  static override examples = [
    '<%= config.bin %> fake-api --port 8080',
    '<%= config.bin %> fake-api --fail server_error=0.1 --fail drip=0.05 --rate-limit 30/min',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(FakeApi);
    await this.act(flags, async ({ effects }) => {
      const { serveFakeApi } = await import('../src/actions/fake-api/serve-fake-api.js');
      const { document, stopped } = await serveFakeApi(toEmbeddedOptions(flags), effects.signal);
      const lines = [
        `The embedded Faker API listens at ${document.url}`,
        `  curl '${document.example}'`,
        `  pipeline run --source ${document.url}`,
        'Press Ctrl-C to stop.',
      ];
      return { document, format: () => lines.join('\n'), until: stopped };
    });
  }
}
