import * as Args from '@oclif/core/args';
import { failure } from '../src/base/errors.js';
import { BaseCommand } from './cli/base.js';
import { parseName, sampleFlag } from './cli/flags.js';

export default class New extends BaseCommand {
  static override summary = 'Draft a pipeline from one answer of an API, or from a file.';
  static override args = {
    name: Args.string({
      required: true,
      description: 'Of the pipeline and its dataset.',
      parse: (input) => Promise.resolve(parseName(input, 'pipeline')),
    }),
  };
  static override flags = {
    from: sampleFlag({ summary: 'An address that answers with records, or a file.', required: true }),
  };
  static override examples = [
    '<%= config.bin %> new orders --from https://api.example.org/v1/orders',
    '<%= config.bin %> new rates --from data/rates.csv',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(New);
    await this.act(flags, async (context) => {
      // Without a project here, the package's own would be written to.
      if (flags.project === undefined && context.config.projectDir !== process.cwd()) {
        const hint = '`pipeline init my-project` makes one; or name one with --project';
        throw failure('E_USAGE', { what: 'there is no project here: no folder `pipelines`', hint });
      }
      const { draftDefinition } = await import('../src/actions/new/draft-definition.js');
      const { formatDrafted } = await import('../src/actions/new/draft-definition.js');
      const document = await draftDefinition(context, { name: args.name, from: flags.from });
      return { document, format: (terminal) => formatDrafted(document, terminal) };
    });
  }
}
