import { gzipSync } from 'node:zlib';
import * as Y from 'yjs';
import { type Benchmark, cpuSeconds, type Figures, now, rounded } from '../support/measure.ts';
import { openDocClient } from './doc-client.ts';
import { startBaton } from './doc-servers.ts';
import { makeRoster, uploadRoster } from './roster.ts';

const PEOPLE = 55_000;

const run = async (): Promise<Figures> => {
  const server = await startBaton();
  try {
    const made = now();
    const roster = makeRoster(PEOPLE);
    const built = now();
    Y.applyUpdate(new Y.Doc(), roster.state);
    const applied = now();
    const address = await server.fresh();
    const uploading = now();
    const letGo = await uploadRoster(server, address, roster);
    const uploaded = now();
    letGo();
    await server.restart();
    const cpuBefore = (await cpuSeconds(server.pid())) ?? Number.NaN;
    const opening = now();
    const reader = await openDocClient(address, server.dialect);
    const opened = now();
    const cpu = ((await cpuSeconds(server.pid())) ?? Number.NaN) - cpuBefore;
    reader.close();
    return {
      'MB encoded': rounded(roster.state.length / 1e6),
      'MB encoded and gzipped': rounded(gzipSync(roster.state).length / 1e6),
      'bytes per person': rounded(roster.state.length / PEOPLE),
      'ms to make it in one process': rounded(built - made),
      'ms to apply it to an empty document': rounded(applied - built),
      'ms to upload it, stored and seen by another': rounded(uploaded - uploading),
      'ms from opening it at a relay just started to the whole answer': rounded(opened - opening),
      'relay CPU ms for that': rounded(cpu * 1000),
    };
  } finally {
    await server.stop();
  }
};

export const docRoster: Benchmark = {
  name: 'doc-roster',
  method: `a roster of ${PEOPLE} people with a chip each, imported in updates of 2,500, stored by a relay that is killed and started again`,
  run,
};
