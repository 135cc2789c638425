import { DIALECTS, type DialectName, STEP2 } from './dialect.ts';
import type { DocAddress } from './doc-servers.ts';
import { clientFrame, createFrameScanner, openRaw } from './wire.ts';

const NOTHING = Uint8Array.of(0);

/** A bare connection to a document that sees each sync message. */
export interface DocClient {
  readonly send: (update: Uint8Array) => void;
  /** Bytes since the last mark. */
  readonly bytes: () => number;
  readonly mark: () => void;
  readonly close: () => void;
}

/** Resolves once the server has answered the first step 1. */
export const openDocClient = async (
  { target, document }: DocAddress,
  dialectName: DialectName,
  onUpdate: (update: Uint8Array) => void = () => {},
): Promise<DocClient> => {
  const dialect = DIALECTS[dialectName];
  let bytes = 0;
  let told = (): void => {};
  const synced = new Promise<void>((resolve) => {
    told = resolve;
  });
  const scan = createFrameScanner(64 * 1024 * 1024, (frame) => {
    const message = dialect.sync(frame);
    if (message === null || message.kind === 0) return;
    onUpdate(message.bytes());
    if (message.kind === STEP2) told();
  });
  const socket = await openRaw(target, {
    onBytes: (chunk) => {
      bytes += chunk.length;
      scan(chunk);
    },
    onClose: () => {},
  });
  for (const message of dialect.hello(document, NOTHING)) socket.write(clientFrame(message));
  await synced;
  let corked = false;
  const uncork = (): void => {
    corked = false;
    socket.uncork();
  };
  return {
    // what is sent in one turn goes out in one write: how changes reach a server together is then the network's matter
    send: (update) => {
      if (!corked) {
        corked = true;
        socket.cork();
        setImmediate(uncork);
      }
      socket.write(clientFrame(dialect.update(document, update)));
    },
    bytes: () => bytes,
    mark: () => {
      bytes = 0;
    },
    close: () => socket.destroy(),
  };
};
