import * as Args from '@oclif/core/args';
import { failure } from '../src/base/errors.js';
import { BaseCommand } from './cli/base.js';
import { parseName, sampleFlag } from './cli/flags.js';

export default class New extends BaseCommand {
  static override summary = 'Draft a pipeline from a sample response or file.';
  static override args = {
    name: Args.string({
      required: true,
      description: 'Name of the pipeline and its dataset.',
      parse: (input) => Promise.resolve(parseName(input, 'pipeline')),
    }),
  };
  static override flags = {
    from: sampleFlag({ summary: 'URL or file with sample records.', required: true }),
  };
  static override examples = [
    '<%= config.bin %> new orders --from https://api.example.org/v1/orders',
    '<%= config.bin %> new rates --from data/rates.csv',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(New);
    await this.act(flags, async (context) => {
      // Without a project here, the draft would be written into the package itself.
      if (flags.project === undefined && context.config.projectDir !== process.cwd()) {
        const hint = 'create one with `pipeline init my-project`, or set --project';
        throw failure('E_USAGE', { what: 'no project found: this folder has no `pipelines` folder', hint });
      }
      const { draftDefinition } = await import('../src/actions/new/draft-definition.js');
      const { formatDrafted } = await import('../src/actions/new/draft-definition.js');
      const document = await draftDefinition(context, { name: args.name, from: flags.from });
      return { document, format: (terminal) => formatDrafted(document, terminal) };
    });
  }
}
