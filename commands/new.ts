import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { failure } from '../src/base/errors.js';
import { BaseCommand } from './cli/base.js';
import { choiceFlag, parseName, sampleFlag } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class New extends BaseCommand {
  static override summary = SUMMARIES.new;
  static override args = {
    name: Args.string({
      description: 'Name of the pipeline, also of its only dataset; with --into, of the dataset.',
      parse: (input) => Promise.resolve(parseName(input, 'pipeline')),
    }),
  };
  static override flags = {
    from: sampleFlag({
      summary: 'URL or file with sample records; repeat it for several datasets.',
      required: true,
      multiple: true,
      multipleNonGreedy: true,
    }),
    into: Flags.string({
      summary: 'Add the datasets to the definition of this pipeline.',
      helpValue: 'PIPELINE',
      parse: (input) => Promise.resolve(parseName(input, 'pipeline')),
    }),
    header: Flags.string({
      summary: "Header of the requests, such as 'Authorization: Bearer ${API_TOKEN}'; repeatable.",
      helpValue: 'NAME: VALUE',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    query: Flags.string({
      summary: 'Query parameter of the requests; repeatable.',
      helpValue: 'NAME=VALUE',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    auth: choiceFlag({
      name: 'auth',
      choices: ['basic', 'oauth2'],
      summary: 'Authentication: basic or oauth2.',
    }),
    username: Flags.string({ summary: "For basic, such as '${API_USER}'.", helpValue: '${NAME}' }),
    password: Flags.string({ summary: "For basic, such as '${API_PASSWORD}'.", helpValue: '${NAME}' }),
    'token-url': Flags.string({ summary: 'For oauth2: the token endpoint.', helpValue: 'URL' }),
    'client-id': Flags.string({ summary: "For oauth2, such as '${API_CLIENT_ID}'.", helpValue: '${NAME}' }),
    'client-secret': Flags.string({
      summary: "For oauth2, such as '${API_CLIENT_SECRET}'.",
      helpValue: '${NAME}',
    }),
    scope: Flags.string({ summary: 'For oauth2, if the API requires it.' }),
    'no-people': Flags.boolean({
      summary: 'Reference data: keep fields without signs of people, with class none.',
    }),
    post: Flags.string({ summary: 'Send a POST with the JSON object in this file.', helpValue: 'FILE' }),
  };
  static override examples = [
    '<%= config.bin %> new orders --from https://api.example.org/v1/orders',
    "<%= config.bin %> new orders --from https://api.example.org/v1/orders --header 'Authorization: Bearer ${API_TOKEN}'",
    '<%= config.bin %> new hr --from https://api.example.org/employees --from https://api.example.org/departments',
    '<%= config.bin %> new --into hr --from https://api.example.org/locations',
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
      const { name = null } = args;
      const { into = null, from, 'no-people': noPeople } = flags;
      if (name === null && into === null) {
        const hint = 'for example: `pipeline new orders --from URL`, or add to a definition with `--into`';
        throw failure('E_USAGE', { what: 'the pipeline has no name', hint });
      }
      if (name !== null && into !== null && from.length > 1) {
        const hint = 'leave the name out: each dataset is named after its URL or file';
        throw failure('E_USAGE', { what: 'one name cannot stand for several datasets', hint });
      }
      const { draftDefinition } = await import('../src/actions/new/draft-definition.js');
      const { formatDrafted } = await import('../src/actions/new/drafted.js');
      const document = await draftDefinition(context, { name, into, from, flags, noPeople });
      return { document, format: (terminal) => formatDrafted(document, terminal) };
    });
  }
}
