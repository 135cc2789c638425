export { nodeCommands } from './commands.ts';
export { openVenueLink } from './open-venue-link.ts';
export { runCli } from './run-cli.ts';
