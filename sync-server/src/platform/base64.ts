/** Most reads' lines fit. */
const ROOM = Buffer.allocUnsafeSlow(1024);

/**
 * In base64. Small bytes pass through one room: V8 keeps those of up to 64 bytes inside its heap for as long as nobody asks for their
 * `buffer`, which gives each one memory of its own outside. Where tens of thousands had that, the next collection but one stopped for up to
 * 100 ms, until a helper thread had given back all of it piece by piece.
 */
export const toBase64 = (bytes: Uint8Array): string => {
  if (bytes.length > ROOM.length)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  ROOM.set(bytes);
  return ROOM.toString('base64', 0, bytes.length);
};
