import { describe, expect, it } from 'vitest';
import { classifyLine } from '../../src/ipico/classify.ts';

const classify = (text: string) => classifyLine(new Uint8Array(Buffer.from(text, 'latin1')));
const kindOf = (text: string): string => {
  const it = classify(text);
  return it.type === 'unparsable' ? it.error.type : it.type;
};

describe('lines of an IPICO port', () => {
  it.each([
    ['aa400000000123450a2a01123018455927a7', 'read'],
    ['aa400000000123450a2a01123018455927a7FS', 'read'],
    ['aa00058000123b3200012603081222022f060080cd', 'read'],
    ['ab000902260306051948005927ce', 'control'],
    ['ac0001', 'control'],
    ['ARM9 Controller for DF Dual DSP TTO Actel FPGA (STK Lite) (38.4kB) v1.4', 'banner'],
  ])('[RT-36] %s is a %s', (line, kind) => {
    expect(kindOf(line)).toBe(kind);
  });

  it.each([
    ['aa400000000123450a2a01123018455927a8', 'wrong-checksum'],
    ['aa400000000123450a2a011230184559', 'wrong-length'],
    ['aa hello', 'wrong-length'],
    ['aa4000000z0123450a2a01123018455927a7', 'not-hex'],
    ['aa400000000123450a2a01123018455927a7XX', 'wrong-suffix'],
    ['ba400000000123450a2a01123018455927a7', 'wrong-prefix'],
    ['000123450a2a01123018455927a7', 'wrong-length'],
  ])('[RT-35] %s is unparsable: %s', (line, error) => {
    expect(kindOf(line)).toBe(error);
  });

  it('bytes that are no text are unparsable, not a banner', () => {
    expect(classify('\x00\xff\x07garbage').type).toBe('unparsable');
  });
});
