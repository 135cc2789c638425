import { readFile, stat } from 'node:fs/promises';
import { CommandFailure, type CommandIo, type OptionValues, oneOf, requiredText, text } from '@baton/schema/command';
import { ImportedBody, ImportProblems } from '@baton/schema/http';
import { MAX_LIST_BYTES } from '@baton/schema/roster';
import { type ApiError, createRelayApi } from '../http/relay-api.ts';
import { failureOf, pathPart, relayAccess } from './relay-access.ts';

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
const importFailureOf = (error: ApiError): CommandFailure => {
  const said = ImportProblems.safeParse(error.type === 'refused' ? error.details : null);
  if (!said.success || said.data.problems.length < 2) return failureOf(error);
  const { problems, more } = said.data;
  const lines = problems.map(({ line, message }) => (line === null ? message : `line ${line}: ${message}`));
  const rest = more > 0 ? [`and ${more} more`] : [];
  return new CommandFailure(['nothing was imported', ...lines, ...rest].join('; '));
};

/** Sends a list; prints how many of its lines were imported. */
export const runRosterImport = async (options: OptionValues, file: string, io: CommandIo): Promise<void> => {
  const given = {
    kind: oneOf(options, 'kind', ['participants', 'chips']),
    raceId: text(options, 'race'),
    format: oneOf(options, 'format', ['ppl', 'bibchip', 'csv']),
    mode: oneOf(options, 'mode', ['merge', 'replace']),
  };
  const api = createRelayApi({ ...relayAccess(options), answerMs: PATIENCE_MS });
  const query = new URLSearchParams(Object.entries(given).filter((it): it is [string, string] => it[1] !== undefined));
  const path = `/events/${pathPart(requiredText(options, 'event'))}/roster?${query}`;
  const imported = await api.call('POST', path, ImportedBody, await readList(file));
  if (!imported.ok) throw importFailureOf(imported.error);
  io.out(String(imported.value.imported));
};
