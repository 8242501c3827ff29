import { resolve } from 'node:path';
import * as Args from '@oclif/core/args';
import { BaseCommand } from './cli/base.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Init extends BaseCommand {
  static override summary = SUMMARIES.init;
  static override args = {
    dir: Args.string({ required: true, description: 'A new or empty folder.' }),
  };
  static override examples = ['<%= config.bin %> init my-project'];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Init);
    await this.act(flags, async () => {
      const { initProject } = await import('../src/actions/init/init-project.js');
      const { formatInitialised } = await import('../src/actions/init/init-project.js');
      const document = await initProject(resolve(args.dir), process.cwd());
      return { document, format: () => formatInitialised(document, args.dir) };
    });
  }
}
