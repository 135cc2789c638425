/** FNV-1a of 32 bits: finds rows that a disk or a crash has damaged; no protection against intent. */
export const checksum = (bytes: Uint8Array): number => {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
};
