export { nodeCommands } from './commands.ts';
export { runCli } from './run-cli.ts';
