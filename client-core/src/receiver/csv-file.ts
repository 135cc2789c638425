import { type FileHandle, open, rename } from 'node:fs/promises';
import { READ_CSV_HEADER, readCsvLine } from '@baton/schema/csv';
import type { ReadsFile } from './file-output.ts';

/** All of it in one call, so that who looks into the file meanwhile finds whole lines. */
const write = async (handle: FileHandle, bytes: Uint8Array): Promise<void> => {
  for (let done = 0; done < bytes.length; ) done += (await handle.write(bytes, done)).bytesWritten;
};

/** CSV in the form of the relay's export. */
export const beginCsvFile = async (path: string): Promise<ReadsFile> => {
  const fresh = `${path}.new`;
  let handle = await open(fresh, 'w');
  await write(handle, READ_CSV_HEADER);
  return {
    append: (reads) => write(handle, Buffer.concat(reads.flatMap((read) => readCsvLine(read, read)))),
    publish: async () => {
      await handle.sync();
      await handle.close(); // some systems do not rename what is open
      await rename(fresh, path);
      handle = await open(path, 'a');
    },
    close: () => handle.close(),
  };
};
