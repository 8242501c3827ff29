import { BaseCommand } from './cli/base.js';
import { pipelineArg } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Test extends BaseCommand {
  static override summary = SUMMARIES.test;
  static override args = { pipeline: pipelineArg() };
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Test);
    await this.act(flags, async (context) => {
      const { openChosen } = await import('../src/project.js');
      const { evaluateTests, testModels } = await import('../src/actions/test/test-models.js');
      const { formatTests } = await import('../src/actions/test/test-models.js');
      const { project, pipeline } = await openChosen(context, args.pipeline, 'linked');
      const document = await testModels(project, pipeline);
      const error = evaluateTests(document);
      const format = (): string => formatTests(document);
      return error === null ? { document, format } : { document, format, error };
    });
  }
}
