import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TensorBoardWriter, crc32c, frame, maskedCrc, scalarEvent } from './tensorboard.js';

test.each([
  // RFC 3720, appendix B.4.
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['ascending', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ['descending', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  // The usual check value of CRC catalogues.
  ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
])('crc32c of %s', (_, bytes, crc) => {
  expect(crc32c(bytes)).toBe(crc);
});

test('the mask is a rotation by 15 and a constant', () => {
  const crc = crc32c(new TextEncoder().encode('123456789'));
  const rotated = ((crc >>> 15) | (crc << 17)) >>> 0;
  expect(maskedCrc(new TextEncoder().encode('123456789'))).toBe((rotated + 0xa282ead8) % 2 ** 32);
});

test('an event has the bytes of its protobuf, worked out by hand', () => {
  const parts = [
    '09000000000000f03f', // wall_time 1.0
    '10ac02', // step 300
    '2a0b0a090a026162150000003f', // summary { value { tag "ab" simple_value 0.5 } }
  ];
  expect(Buffer.from(scalarEvent(1, 300, { ab: 0.5 })).toString('hex')).toBe(parts.join(''));
});

test('a file is a chain of frames: the version first, then what was written; what is not a number is left out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ludus-tensorboard-'));
  const writer = new TensorBoardWriter(folder, 1000);
  writer.write(1001, 5, { a: 1, b: NaN });
  writer.write(1002, 6, { b: Infinity });
  const [name] = readdirSync(folder);
  const bytes = readFileSync(join(folder, name));
  expect(name).toMatch(/^events\.out\.tfevents\.1000\./);
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(Buffer.from(frame(data)).equals(bytes.subarray(at, at + 16 + length))).toBe(true);
    records.push(data);
    at += 16 + length;
  }
  expect(records).toHaveLength(2);
  expect(records[0].toString('latin1')).toContain('brain.Event:2');
  expect(records[1].equals(Buffer.from(scalarEvent(1001, 5, { a: 1 })))).toBe(true);
  rmSync(folder, { recursive: true, force: true });
});
