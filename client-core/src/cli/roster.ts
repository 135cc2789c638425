import { readFile, stat } from 'node:fs/promises';
import { CommandFailure, type CommandSpec, oneOf, requiredText, text } from '@baton/schema/command';
import { ImportedBody, ImportProblems } from '@baton/schema/http';
import { MAX_LIST_BYTES } from '@baton/schema/roster';
import { describeApiError } from '../http/describe-error.ts';
import { type ApiError, createRelayApi } from '../http/relay-api.ts';
import { pathPart, RELAY_OPTIONS, relayAccess } from './relay-options.ts';

/** A long list is planned and stored in parts; in ms. */
const PATIENCE_MS = 120_000;

const readList = async (path: string): Promise<Uint8Array<ArrayBuffer>> => {
  try {
    const { size } = await stat(path);
    if (size > MAX_LIST_BYTES)
      throw new CommandFailure(`${path} has more than ${MAX_LIST_BYTES} bytes: send it in parts`);
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`cannot read the list: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** Each line that is wrong, as the relay names it; else what it said. */
const failureOf = (error: ApiError): CommandFailure => {
  const said = ImportProblems.safeParse(error.type === 'refused' ? error.details : null);
  if (!said.success || said.data.problems.length < 2) return new CommandFailure(describeApiError(error));
  const { problems, more } = said.data;
  const lines = problems.map(({ line, message }) => (line === null ? message : `line ${line}: ${message}`));
  const rest = more > 0 ? [`and ${more} more`] : [];
  return new CommandFailure(['nothing was imported', ...lines, ...rest].join('; '));
};

/** `baton roster import`: a list of participants or of chips, all of it or nothing. */
export const rosterImportCommand: CommandSpec = {
  name: 'roster import',
  summary: 'imports a list of participants or chips; prints how many lines it has',
  options: [
    ...RELAY_OPTIONS,
    { name: 'event', value: 'ID', help: 'the event', required: true },
    { name: 'race', value: 'ID', help: 'race of the lines that name none' },
    { name: 'kind', value: 'K', help: 'participants or chips; as the file looks when absent' },
    { name: 'format', value: 'F', help: 'ppl, bibchip or csv; as the file looks when absent' },
    { name: 'mode', value: 'M', help: 'merge, or replace: takes away who is not in the list', default: 'merge' },
  ],
  args: [{ name: 'file', help: 'the list', required: true }],
  run: async (options, [file = ''], io) => {
    const given = {
      kind: oneOf(options, 'kind', ['participants', 'chips']),
      raceId: text(options, 'race'),
      format: oneOf(options, 'format', ['ppl', 'bibchip', 'csv']),
      mode: oneOf(options, 'mode', ['merge', 'replace']),
    };
    const api = createRelayApi({ ...relayAccess(options), answerMs: PATIENCE_MS });
    const query = new URLSearchParams(
      Object.entries(given).filter((it): it is [string, string] => it[1] !== undefined),
    );
    const path = `/events/${pathPart(requiredText(options, 'event'))}/roster?${query}`;
    const imported = await api.call('POST', path, ImportedBody, await readList(file));
    if (!imported.ok) throw failureOf(imported.error);
    io.out(String(imported.value.imported));
  },
};
