import { forgetPeople } from '../../src/actions/forget/forget-people.js';
import { unpublish } from '../../src/dashboard/remove-published.js';
import { type ForgetWork, openPruneProject } from './prune-project-here.js';

/** Erases a person in a process of its own, and may kill itself on the way. */
const { dir, now, environment, value, killAfter } = JSON.parse(process.argv[2] ?? '') as ForgetWork;

let steps = 0;
const onStep = (): void => {
  if (steps++ === killAfter) process.kill(process.pid, 'SIGKILL');
};
const project = await openPruneProject(dir, new Date(now), onStep, environment);
await forgetPeople(project, {
  dataset: 'customers',
  by: 'email_token',
  values: [{ text: value, line: 1 }],
  reason: 'request',
  keepForDays: null,
  dropUnsearchable: false,
  unpublish,
  onStep,
});
