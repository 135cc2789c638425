import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { DATABASE_FILE } from '../../src/storage/sqlite/database.ts';

const LAYOUTS = new URL('layouts/', import.meta.url);

const Recorded = z.object({
  layout: z.int().min(1),
  eventId: z.string(),
  tokens: z.record(z.string(), z.string()),
  cursors: z.array(z.object({ receiverId: z.string(), streamId: z.string(), epoch: z.int(), seq: z.int() })),
  documents: z.record(z.string(), z.record(z.string(), z.unknown())),
  answers: z
    .array(
      z.union([
        z.object({ path: z.string(), status: z.int(), json: z.unknown() }).required({ json: true }),
        z.object({ path: z.string(), status: z.int(), sha256: z.string(), bytes: z.int() }),
      ]),
    )
    .min(20),
});

/** A data directory as a relay of an earlier layout left it, and what that relay said of it. */
export type RecordedLayout = z.infer<typeof Recorded>;

const fileOf = (layout: number, name: string): Buffer =>
  readFileSync(new URL(`${String(layout).padStart(4, '0')}/${name}`, LAYOUTS));

/** Every layout that was ever released, oldest first; `record-layout.mjs` makes one. */
export const RECORDED: readonly RecordedLayout[] = readdirSync(LAYOUTS)
  .sort()
  .map((name) => Recorded.parse(JSON.parse(fileOf(Number(name), 'answers.json').toString('utf8'))));

/** Puts the data directory there; it is a copy, and may be changed. */
export const unpackLayout = (layout: number, dataDir: string): void => {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, DATABASE_FILE), gunzipSync(fileOf(layout, 'relay.db.gz')));
};
