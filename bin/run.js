#!/usr/bin/env node
// The guard comes first and alone: what is loaded after it finds a process that is guarded.
import { guardMemory, guardProcess } from '../dist/bundle/guard.js';

guardProcess();
const ended = await guardMemory();
if (ended !== null) process.exit(ended);
const { launch } = await import('../dist/bundle/launch.js');
const exitCode = await launch(process.argv.slice(2));
// What is still on its way to a pipe goes out first.
process.stdout.write('', () => process.exit(exitCode));
