import { connect, type Socket } from 'node:net';

/** Where a WebSocket is asked for. */
export interface SocketTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const HEADERS_END = Buffer.from('\r\n\r\n');
const BINARY = 0x82;
const MASKED = 0x80;

const lengthBytes = (length: number): Buffer => {
  if (length < 126) return Buffer.of(MASKED | length);
  if (length < 65_536) return Buffer.of(MASKED | 126, length >> 8, length & 255);
  const bytes = Buffer.alloc(9);
  bytes[0] = MASKED | 127;
  bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
};

/** A client's binary frame. Its mask is zero, which masks nothing: the players of a benchmark are to cost little. */
export const clientFrame = (payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(BINARY), lengthBytes(payload.length), Buffer.alloc(4), payload]);

const upgradeRequest = ({ host, port, path, headers }: SocketTarget): string =>
  [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n');

/** Takes frames of a server apart as they come; of each payload at most `keep` bytes are kept. */
export const createFrameScanner = (keep: number, onFrame: (head: Buffer, length: number) => void) => {
  let header = Buffer.alloc(0);
  let left = -1;
  let length = 0;
  let head: Buffer[] = [];
  let kept = 0;

  const headerSize = (): number => {
    if (header.length < 2) return 2;
    const short = (header[1] ?? 0) & 127;
    return short < 126 ? 2 : short === 126 ? 4 : 10;
  };
  const payloadLength = (): number => {
    const short = (header[1] ?? 0) & 127;
    return short < 126 ? short : short === 126 ? header.readUInt16BE(2) : Number(header.readBigUInt64BE(2));
  };
  const finish = (): void => {
    left = -1;
    const opcode = (header[0] ?? 0) & 15;
    header = Buffer.alloc(0);
    if (opcode === 1 || opcode === 2) onFrame(Buffer.concat(head), length);
    head = [];
    kept = 0;
  };
  const takeHeader = (chunk: Buffer): number => {
    const wanted = headerSize() - header.length;
    header = Buffer.concat([header, chunk.subarray(0, wanted)]);
    if (header.length === headerSize()) {
      length = payloadLength();
      left = length;
    }
    return Math.min(wanted, chunk.length);
  };
  const takePayload = (chunk: Buffer): number => {
    const taken = Math.min(left, chunk.length);
    if (kept < keep) {
      head.push(Buffer.from(chunk.subarray(0, Math.min(taken, keep - kept))));
      kept += Math.min(taken, keep - kept);
    }
    left -= taken;
    return taken;
  };

  return (chunk: Buffer): void => {
    let at = 0;
    while (at < chunk.length) {
      at += left < 0 ? takeHeader(chunk.subarray(at)) : takePayload(chunk.subarray(at));
      if (left === 0) finish();
    }
  };
};

/** Opens a raw WebSocket; `onBytes` gets all that follows the answer to the upgrade. Rejects on any other answer than 101. */
export const openRaw = (
  target: SocketTarget,
  listeners: { readonly onBytes: (chunk: Buffer) => void; readonly onClose: () => void },
): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: target.host, port: target.port, noDelay: true });
    let answer: Buffer | null = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('close', listeners.onClose);
    socket.on('connect', () => socket.write(upgradeRequest(target)));
    socket.on('data', (chunk: Buffer) => {
      if (answer === null) return listeners.onBytes(chunk);
      answer = Buffer.concat([answer, chunk]);
      const end = answer.indexOf(HEADERS_END);
      if (end < 0) return;
      if (!answer.toString('latin1', 0, 12).endsWith('101'))
        return reject(new Error(answer.toString('latin1', 0, 200)));
      const rest = answer.subarray(end + HEADERS_END.length);
      answer = null;
      resolve(socket);
      if (rest.length > 0) listeners.onBytes(rest);
    });
  });
